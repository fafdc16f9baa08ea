/** An announcement, for people and as JSON. */
import { amount } from '../../analysis/text.ts'
import type { Anomaly, Off } from '../../analysis/watch/watched.ts'
import type { Language } from '../../gateway/present/language.ts'
import { readable } from '../../gateway/present/words.ts'
import { formatInstant } from '../../recording/instant.ts'
import { sparkline } from '../analyze/sparkline.ts'
import { joined, type Line, paint, painted } from '../terminal/line.ts'
import { watching as texts } from './texts.ts'

const WIDTH = 32
const COLOURS = { critical: 'red', warning: 'yellow', info: 'cyan' } as const

/** A line about the anomaly and, unless it is closed, one for each series outside its expected range. */
export function announcement(anomaly: Anomaly, language: Language): Line[] {
  const { phase, severity, service, services, since, at, series, ending } = anomaly
  const word = (text: string): string => readable(language, text)
  const state = phase === 'closed' ? word(ending ?? phase) : word(severity)
  const others = services.filter((one) => one !== service)
  const head = joined(
    [
      formatInstant(at),
      texts.phases[phase][language],
      phase === 'closed' ? state : paint(COLOURS[severity], state),
      paint('bold', service),
      ...(others.length === 0 ? [] : [texts.with(others)[language]]),
      texts.since(formatInstant(since))[language],
    ],
    '  ',
  )
  return phase === 'closed' ? [head] : [head, ...series.map((one) => seriesLine(one, language))]
}

function seriesLine(off: Off, language: Language): Line {
  const { service, indicator, unit, value, lower, upper, recent } = off
  const range = texts.expected(amount(lower, unit), amount(upper, unit))[language]
  const line = sparkline(
    recent.map((one) => one ?? Number.NaN),
    WIDTH,
    (at) => isOutside(recent[at] ?? null, off),
    (text) => paint('red', text),
  )
  return painted`  ${line}  ${service} ${indicator} ${amount(value, unit)}  ${range}`
}

const isOutside = (value: number | null, { lower, upper }: Off): boolean =>
  value !== null && (value < lower || value > upper)

/** As in docs/reference/recording.md. */
export const documentOf = ({
  id,
  phase,
  service,
  services,
  severity,
  score,
  since,
  at,
  series,
  ending,
  joined,
}: Anomaly) => ({
  ...{ anomaly_id: id, phase, service, services, severity, score: Number(score.toFixed(2)) },
  since: formatInstant(since),
  at: formatInstant(at),
  ending,
  joined_to: joined,
  series: series.map(({ since: from, surprise, ...off }) => ({
    ...off,
    since: formatInstant(from),
    surprise: Number(surprise.toFixed(2)),
  })),
})
