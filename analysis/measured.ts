import { smallest } from './extremes.ts'
import { countWithin } from './metrics/samples.ts'
import type { Observations, TimeRange } from './observations.ts'

/** Fewer samples of a series tell no level. */
const FEWEST = 2

export const isMeasured = ({ series }: Pick<Observations, 'series'>, range: TimeRange): boolean =>
  series.some(({ times }) => countWithin(times, range) >= FEWEST)

/** ms since the epoch: when the first sample came, within the window; its start where there is none. */
export function firstOf({ series, window }: Pick<Observations, 'series' | 'window'>): number {
  const first = smallest(series.flatMap(({ times }) => [times[0] ?? window.end]))
  return Number.isFinite(first) ? Math.max(first, window.start) : window.start
}
