import { smallest } from './extremes.ts'
import { countWithin } from './metrics/samples.ts'
import type { Observations, TimeRange } from './observations.ts'

/** Minimum number of samples that show a level. */
const FEWEST = 2

export const isMeasured = ({ series }: Pick<Observations, 'series'>, range: TimeRange): boolean =>
  series.some(({ times }) => countWithin(times, range) >= FEWEST)

/** Time of the first sample in the window, ms since the epoch; without samples, the start of the window. */
export function firstOf({ series, window }: Pick<Observations, 'series' | 'window'>): number {
  const first = smallest(series.flatMap(({ times }) => [times[0] ?? window.end]))
  return Number.isFinite(first) ? Math.max(first, window.start) : window.start
}
