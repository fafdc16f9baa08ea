/**
 * Detects the period of a series, because a change at the same phase of every period is not a disturbance. The period is the first peak of
 * the autocorrelation after its first fall (Box and Jenkins, "Time series analysis", 1970), so slow wandering does not count as a period.
 */
import { centred, productAt } from '../autocorrelation.ts'
import type { Series, TimeRange } from '../observations.ts'
import { lowerBound } from './samples.ts'

/** Minimum number of whole periods. */
const PERIODS = 3
/** Minimum number of samples in a period. */
const SHORTEST = 4
/** Minimum autocorrelation at the period. */
const ALIKE = 0.6
/** The autocorrelation must fall by this much after a peak; otherwise the peak may lie outside the range. */
const FAR_MORE = 0.1
/** Longer series are downsampled by averaging, because the time grows with the square. */
const MOST = 512

/**
 * The period in ms; null if the series does not repeat at least three times in this range. Samples are assumed to be evenly spaced.
 */
export function periodOf({ times, values }: Series, { start, end }: TimeRange): number | null {
  const [first, next] = [lowerBound(times, start), lowerBound(times, end)]
  if (next - first < PERIODS * SHORTEST) return null
  let samples = values.subarray(first, next)
  let step = (times[next - 1]! - times[first]!) / (next - 1 - first)
  for (; samples.length > MOST; step *= 2) samples = halved(samples)
  const lag = repeatOf(samples)
  return lag === null ? null : lag * step
}

function halved(values: Float64Array): Float64Array {
  const means = new Float64Array(values.length >> 1)
  for (let index = 0; index < means.length; index++) means[index] = (values[2 * index]! + values[2 * index + 1]!) / 2
  return means
}

function repeatOf(values: Float64Array): number | null {
  const around = centred(values)
  const power = productAt(around, 0)
  // NaN values, or a constant series
  if (!(power > 0)) return null
  // corrected for the shorter overlap at larger lags
  const alike = (lag: number): number => ((productAt(around, lag) / power) * around.length) / (around.length - lag)
  const longest = Math.floor(values.length / PERIODS)
  let [best, highest, fell, peaked] = [0, ALIKE, false, false]
  for (let lag = 1; lag <= longest; lag++) {
    const likeness = alike(lag)
    fell ||= likeness < highest / 2
    if (!fell || lag < SHORTEST) continue
    // a multiple of the period correlates hardly better than the period itself
    if (likeness > highest + (peaked ? FAR_MORE : 0)) [best, highest, peaked] = [lag, likeness, false]
    peaked ||= best > 0 && likeness < highest - FAR_MORE
  }
  return peaked ? best : null
}

/** The ranges at the same phase as the window in earlier periods of the baseline, latest first. */
export function samePhase(period: number, baseline: TimeRange, window: TimeRange): TimeRange[] {
  const found: TimeRange[] = []
  for (let back = period; window.start - back >= baseline.start; back += period)
    if (window.end - back <= baseline.end) found.push({ start: window.start - back, end: window.end - back })
  return found
}
