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
const COLOURS: ReadonlyMap<string, 'red' | 'yellow' | 'cyan'> = new Map([
  ['critical', 'red'],
  ['warning', 'yellow'],
  ['info', 'cyan'],
])

/** `text` in the colour of the severity, if that is known. */
export function painting(severity: string, text: string): Line {
  const colour = COLOURS.get(severity)
  return colour === undefined ? text : paint(colour, text)
}

/** A series outside its range. */
export type ShownSeries = Pick<Off, 'service' | 'indicator' | 'value' | 'lower' | 'upper' | 'recent'> & {
  /** null: unknown */
  unit?: string | null
}

/** What an announcement says, of the agent or of a file that is watched. */
export interface Announced extends Pick<Anomaly, 'service' | 'services'> {
  phase: string
  severity: string
  /** RFC 3339 */
  since: string
  /** RFC 3339; of the announcement */
  at: string
  ending: string | null
  series: readonly ShownSeries[]
}

/** A line about the anomaly and, unless it is closed, one for each series outside its expected range. */
export function announcement(announced: Announced, language: Language): Line[] {
  const { phase, severity, service, services, since, at, series, ending } = announced
  const word = (text: string): string => readable(language, text)
  const others = services.filter((one) => one !== service)
  const head = joined(
    [
      at,
      texts.phases.get(phase)?.[language] ?? phase,
      phase === 'closed' ? word(ending ?? phase) : painting(severity, word(severity)),
      paint('bold', service),
      ...(others.length === 0 ? [] : [texts.with(others)[language]]),
      texts.since(since)[language],
    ],
    '  ',
  )
  return phase === 'closed' ? [head] : [head, ...series.map((one) => seriesLine(one, language))]
}

/** Its last values, if there are any, its value and the range. */
export function seriesLine(off: ShownSeries, language: Language): Line {
  const { recent } = off
  const said = measured(off, language).join('  ')
  if (recent.length === 0) return painted`  ${said}`
  const line = sparkline(
    recent.map((one) => one ?? Number.NaN),
    WIDTH,
    (at) => isOutside(recent[at] ?? null, off),
    (text) => paint('red', text),
  )
  return painted`  ${line}  ${said}`
}

/** Its value, such as `cart latency_p95 900 ms`, and the range. */
export function measured(off: ShownSeries, language: Language): [value: string, range: string] {
  const { service, indicator, value, lower, upper } = off
  const unit = off.unit ?? undefined
  return [
    `${service} ${indicator} ${amount(value, unit)}`,
    texts.expected(amount(lower, unit), amount(upper, unit))[language],
  ]
}

const isOutside = (value: number | null, { lower, upper }: ShownSeries): boolean =>
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
