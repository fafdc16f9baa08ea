/** How far a series went from its habits. Robust statistics only: medians and absolute deviations (Rousseeuw and Croux, 1993). */
import type { Series } from './observations.ts'

export type Meaning = 'latency' | 'errors' | 'saturation' | 'traffic' | 'other'

export interface Deviation {
  series: Series
  meaning: Meaning
  /** medians */
  before: number
  during: number
  /** robust deviations of the middle of the window from the baseline; positive is bad, for traffic and unknown indicators either way */
  z: number
}

const MEANINGS: readonly [Meaning, RegExp][] = [
  ['errors', /err|fail|5xx|fault|exception|abort|drop|availab|success/i],
  ['latency', /latenc|duration|response.?time|delay|_lat\b|\blat\b|lat_|p\d\d\b|quantile/i],
  ['saturation', /cpu|mem|disk|load|saturat|usage|util|queue|thread|heap|gc|io\b|socket|conn/i],
  ['traffic', /rate|req|rps|qps|throughput|traffic|workload|count|bytes|network|packets/i],
]
const BETTER_WHEN_HIGH = /success|availab|hit.?ratio/i
/** A constant baseline has no scale of its own: this share of its level is taken for noise. */
const RELATIVE_FLOOR = 0.05
const MIN_POINTS = 4
const MOST = 1000

export const meaningOf = (indicator: string): Meaning =>
  MEANINGS.find(([, words]) => words.test(indicator))?.[0] ?? 'other'

/** null: too few points on one side to say anything. `split`: ms since the epoch. */
export function deviationAt(series: Series, from: number, split: number, to: number): Deviation | null {
  const before = within(series, from, split)
  const during = within(series, split, to)
  if (before.length < MIN_POINTS || during.length < Math.min(MIN_POINTS, 2)) return null
  const center = median(before)
  const spread = 1.4826 * median(before.map((value) => Math.abs(value - center)))
  const extent = Math.max(...before) - Math.min(...before)
  const scale = Math.max(spread, extent / 6, RELATIVE_FLOOR * Math.abs(center), floorOf(series, center))
  const level = median(during)
  const raw = Math.max(-MOST, Math.min(MOST, (level - center) / scale))
  const meaning = meaningOf(series.indicator)
  const either = meaning === 'traffic' || meaning === 'other'
  const z = either ? Math.abs(raw) : BETTER_WHEN_HIGH.test(series.indicator) ? -raw : raw
  return { series, meaning, before: center, during: level, z }
}

/** What is too small to matter by the meaning of the indicator: a percent of failures, a millisecond. */
function floorOf({ indicator, unit }: Series, center: number): number {
  if (meaningOf(indicator) === 'errors') return /ratio/i.test(`${indicator} ${unit ?? ''}`) ? 0.01 : 0.05
  if (unit === 'ms') return 1
  return Math.max(1e-9, Math.abs(center) * 1e-6)
}

function within({ times, values }: Series, start: number, end: number): number[] {
  const inside: number[] = []
  for (let index = 0; index < times.length; index++) {
    const time = times[index] ?? Number.NaN
    const value = values[index] ?? Number.NaN
    if (time >= start && time < end && Number.isFinite(value)) inside.push(value)
  }
  return inside
}

export function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort()
  const middle = sorted.length / 2
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle) - 1] ?? 0)) / 2
}
