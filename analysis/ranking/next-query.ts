/**
 * What is missing most, and so what to query next: the cheapest unknown that would tell the top two candidates apart (the next measurement of de Kleer and
 * Williams, "Diagnosing multiple faults", Artificial Intelligence 1987, ordered by cost instead of their entropy).
 */
import type { Meaning } from '../metrics/meaning.ts'
import { meaningOf } from '../metrics/meaning.ts'
import type { Observations } from '../observations.ts'
import type { Suspect } from './services.ts'
import type { NextQuery } from '../verdict.ts'

/** Signals that distinguish a cause from its victims, best first. */
const TELLING: readonly Meaning[] = ['saturation', 'errors', 'latency']

/** null: fewer than two candidates, or nothing left to query. */
export function nextQueryOf(observations: Observations, suspects: readonly Suspect[]): NextQuery | null {
  const [first, second] = suspects
  if (first === undefined || second === undefined || !(second.score > 0)) return null
  const pair = [first.service, second.service] as const
  return (
    tracesBetween(observations, pair) ??
    logsOf(observations, pair) ??
    indicatorOf(observations, pair) ??
    changesOf(observations, pair)
  )
}

type Pair = readonly [string, string]

function tracesBetween({ spans, edges }: Observations, [a, b]: Pair): NextQuery | null {
  const call = edges.find(({ from, to }) => (from === a && to === b) || (from === b && to === a))
  if (spans.length > 0 || call === undefined) return null
  return {
    source: 'traces',
    services: [call.from, call.to],
    indicator: null,
    text: {
      en: `no traces of calls from ${call.from} to ${call.to}: they would show which of the two is slow or fails first`,
      zh: `沒有 ${call.from} 呼叫 ${call.to} 的追蹤：可藉此分辨何者變慢或先失敗`,
    },
  }
}

function logsOf({ logs }: Observations, pair: Pair): NextQuery | null {
  const silent = pair.filter((service) => !logs.some((line) => line.service === service))
  if (silent.length === 0) return null
  return {
    source: 'logs',
    services: silent,
    indicator: null,
    text: {
      en: `no logs of ${silent.join(' or ')}: they would show whether ${pair.join(' or ')} has errors of its own`,
      zh: `沒有 ${silent.join('、')} 的日誌：可藉此分辨 ${pair.join(' 或 ')} 何者自身出錯`,
    },
  }
}

/** An indicator of a kind that only one of them has. */
function indicatorOf({ series }: Observations, pair: Pair): NextQuery | null {
  const known = (service: string, meaning: Meaning): string | undefined =>
    series.find((one) => one.service === service && meaningOf(one) === meaning)?.indicator
  for (const meaning of TELLING)
    for (const [of, other] of [pair, [pair[1], pair[0]] as const]) {
      const indicator = known(other, meaning)
      if (indicator === undefined || known(of, meaning) !== undefined) continue
      return {
        source: 'metrics',
        services: [of],
        indicator,
        text: {
          en: `no ${indicator} of ${of}: it would allow a comparison with ${other}, where it is measured`,
          zh: `沒有 ${of} 的 ${indicator}：可藉此與已有此指標的 ${other} 比較`,
        },
      }
    }
  return null
}

function changesOf({ changes }: Observations, pair: Pair): NextQuery | null {
  if (changes.length > 0) return null
  return {
    source: 'changes',
    services: [...pair],
    indicator: null,
    text: {
      en: `no known changes to ${pair.join(' or ')}: one before the onset would tell the two apart`,
      zh: `沒有 ${pair.join(' 或 ')} 的已知變更：異常之前若有變更，可分辨兩者`,
    },
  }
}
