/**
 * Faults that need no baseline: a firing alert, failing or endless requests, a target that is down, a missed objective. They may be older than
 * the window. While any of them holds, the verdict is never `nothing_wrong`.
 */
import { allRequestsOf } from './metrics/hurt.ts'
import { isBetterWhenHigh, meaningOf } from './metrics/meaning.ts'
import { median } from './metrics/robust.ts'
import { lowerBound, numbersOf } from './metrics/samples.ts'
import { lastWordOf, wordsOf } from './metrics/words.ts'
import type { Alert, Objective, Observations, Series, TimeRange } from './observations.ts'
import { amount } from './text.ts'
import type { RootCause, Text, Verdict } from './verdict.ts'

/** Share of failing requests that no SLO allows (five times the error budget of a 99 % SLO); applies to the requested service only, since other services are
 * judged by their callers. */
const FAILING = 0.05
/** Latency in s at which users stop waiting (Nielsen, Usability Engineering, 1993). An objective for the indicator replaces it. */
const ENDLESS = 10
/** Seconds per unit. */
const SECONDS = new Map(Object.entries({ s: 1, second: 1, seconds: 1, ms: 1e-3, millisecond: 1e-3, milliseconds: 1e-3 })) // prettier-ignore
/** A single slow request moves these, so they do not show what most users feel. */
const TAILS = ['max', 'p99', 'p999']
/** The current level is the median of this many samples. */
const LAST = 5

export interface Standing {
  service: string
  text: Text
  /** null: no proof of a fault by itself: an alert, or a latency that may be usual for this service */
  series: Series | null
}

export function standingIn(observations: Observations): Standing[] {
  const { series, objectives = [], window, asked, alert } = observations
  const now = series.flatMap((one) => endOf(one, window))
  const about = now.filter(({ service }) => service === asked || service === alert?.service)
  return [
    ...firing(observations),
    ...about.flatMap(failing),
    ...about.filter((one) => !objectives.some((objective) => isAbout(objective, one))).flatMap(endless),
    ...now.flatMap(down),
    ...now.flatMap((one) => objectives.flatMap((objective) => missed(one, objective))),
  ]
}

/** Firing alerts of the service in question. */
export const firingIn = ({ alert, firing = [], asked }: Observations): Alert[] =>
  [...(alert === undefined ? [] : [alert]), ...firing.filter(({ service }) => service === asked)].filter(({ resolved }) => resolved !== true) // prettier-ignore

const firing = (observations: Observations): Standing[] =>
  firingIn(observations).map(({ service, summary }) => ({
    service: service ?? observations.asked ?? '',
    text: { en: `an alert is firing: ${summary}`, zh: `告警觸發中：${summary}` },
    series: null,
  }))

function failing(series: Series): Standing[] {
  const level = levelOf(series)
  if (level === null || meaningOf(series) !== 'errors') return []
  const whole = allRequestsOf(series, level)
  if (whole === null) return []
  const share = isBetterWhenHigh(series) ? 1 - level / whole : level / whole
  if (!(share >= FAILING && share <= 1)) return []
  const told = amount(share, 'ratio')
  return [standing(series, `${told} of the requests to ${series.service} are failing`, `${series.service} 有 ${told} 的請求失敗`)] // prettier-ignore
}

/** A batch job may always take this long, so it rules out an all-clear but is not an incident. */
function endless(series: Series): Standing[] {
  const level = levelOf(series)
  const words = wordsOf(series.indicator)
  const isTail = TAILS.some((word) => words.has(word))
  const seconds = (level ?? NaN) * (SECONDS.get(series.unit ?? '') ?? NaN)
  if (isTail || meaningOf(series) !== 'latency' || !(seconds >= ENDLESS)) return []
  const { service, indicator } = series
  const is = amount(level!, series.unit)
  return [
    {
      service,
      text: {
        en: `${service}: ${indicator} is ${is}, longer than users wait; set an objective if that is normal`,
        zh: `${service}：${indicator} 為 ${is}，使用者不會等這麼久；若屬正常，請設定目標`,
      },
      series: null,
    },
  ]
}

/** Targets that are down, and unavailable replicas. */
function down(series: Series): Standing[] {
  const level = levelOf(series)
  const words = wordsOf(series.indicator)
  if (level === null) return []
  if (lastWordOf(series.indicator) === 'up' && level === 0)
    return [standing(series, `${series.service} is down (${series.indicator} is 0)`, `${series.service} 已停止運作（${series.indicator} 為 0）`)] // prettier-ignore
  const isMissing = words.has('unavailable') && (words.has('replica') || words.has('replicas') || words.has('pod'))
  if (!isMissing || !(level > 0)) return []
  return [standing(series, `${series.service} has ${amount(level)} unavailable replicas`, `${series.service} 有 ${amount(level)} 個副本無法使用`)] // prettier-ignore
}

const isAbout = ({ service, indicator }: Objective, series: Series): boolean =>
  series.indicator === indicator && (service === '*' || service === series.service)

function missed(series: Series, objective: Objective): Standing[] {
  const { indicator, max, min } = objective
  const level = levelOf(series)
  if (level === null || !isAbout(objective, series)) return []
  const [above, below] = [max !== undefined && level > max, min !== undefined && level < min]
  if (!above && !below) return []
  const [is, bar] = [amount(level, series.unit), amount((above ? max : min)!, series.unit)]
  return [
    standing(
      series,
      `${series.service}: ${indicator} is ${is}, ${above ? 'above' : 'below'} its objective ${bar}`,
      `${series.service}：${indicator} 為 ${is}，${above ? '高於' : '低於'}目標 ${bar}`,
    ),
  ]
}

const standing = (series: Series, en: string, zh: string): Standing => ({
  service: series.service,
  text: { en, zh },
  series,
})

/** The last samples of the window, if any. */
function endOf(series: Series, { start, end }: TimeRange): Series[] {
  const next = lowerBound(series.times, end)
  const first = Math.max(lowerBound(series.times, start), next - LAST)
  if (first >= next) return []
  return [{ ...series, times: series.times.subarray(first, next), values: series.values.subarray(first, next) }]
}

/** null: no numeric sample. */
function levelOf({ values }: Series): number | null {
  const numbers = numbersOf(values)
  return numbers.length === 0 ? null : median(numbers)
}

/** Confidence cap while the cause is unknown. */
const OPEN = 0.3

/** Never `nothing_wrong`: a measured fault is an incident with an unknown cause, a firing alert or a long wait alone is `inconclusive`. */
export function standsAgainst(verdict: Verdict, standing: readonly Standing[]): Verdict {
  // while an alert is firing the incident is not over, even if the metrics have recovered
  const phase = verdict.phase === 'over' ? 'recovering' : verdict.phase
  const told = { ...verdict, phase, standing: standing.map(({ text }) => text) }
  if (verdict.verdict === 'incident') return told
  const measured = standing.filter(({ series }) => series !== null)
  const isMeasured = measured.length > 0
  return {
    ...told,
    verdict: isMeasured ? 'incident' : 'inconclusive',
    phase: isMeasured ? 'going_on' : phase,
    confidence: Math.min(OPEN, verdict.confidence),
    rootCauses: isMeasured ? firstOf(verdict.rootCauses, measured) : verdict.rootCauses,
  }
}

/** Services with a standing fault rank first, explained by that fault. */
function firstOf(causes: readonly RootCause[], standing: readonly Standing[]): RootCause[] {
  const known = new Map(standing.toReversed().map((one) => [one.service, one]))
  const [first, others] = [causes.filter(({ service }) => known.has(service)), causes.filter(({ service }) => !known.has(service))] // prettier-ignore
  const stands = first.map((cause): RootCause => {
    const { text, series } = known.get(cause.service)!
    const evidence = series?.evidence === undefined ? [] : [series.evidence]
    return { ...cause, indicator: series!.indicator, score: 1, explanation: { en: `${text.en}.`, zh: `${text.zh}。` }, phase: 'going_on', evidence: [...new Set([...evidence, ...cause.evidence])] } // prettier-ignore
  })
  return [...stands, ...others].map((cause, index) => ({ ...cause, rank: index + 1 }))
}
