/**
 * A series that repeats itself: what it does at the same phase of every period is no disturbance. The period is the first peak of the
 * autocorrelation behind its first fall (Box and Jenkins, "Time series analysis", 1970), so slow wandering is no period.
 */
import { centred, productAt } from '../autocorrelation.ts'
import type { Series, TimeRange } from '../observations.ts'
import { lowerBound } from './samples.ts'

/** So many whole periods tell a habit from a coincidence. */
const PERIODS = 3
/** A period has so many samples at least. */
const SHORTEST = 4
/** How alike one period and the next must be, as a correlation. */
const ALIKE = 0.6
/** What tells a peak from the slope to one that lies beyond the range. */
const FAR_MORE = 0.1
/** More samples than this are averaged by twos, fours, …: the time grows with their square. */
const MOST = 512

/**
 * ms from one period to the next; null where the series does not repeat itself at least three times in this range. Samples are taken to be
 * evenly apart.
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
  // absent points, or a series that never moved
  if (!(power > 0)) return null
  // as if it went on as long as without the lag
  const alike = (lag: number): number => ((productAt(around, lag) / power) * around.length) / (around.length - lag)
  const longest = Math.floor(values.length / PERIODS)
  let [best, highest, fell, peaked] = [0, ALIKE, false, false]
  for (let lag = 1; lag <= longest; lag++) {
    const likeness = alike(lag)
    fell ||= likeness < highest / 2
    if (!fell || lag < SHORTEST) continue
    // a later repeat of the period is hardly more alike than the period
    if (likeness > highest + (peaked ? FAR_MORE : 0)) [best, highest, peaked] = [lag, likeness, false]
    peaked ||= best > 0 && likeness < highest - FAR_MORE
  }
  return peaked ? best : null
}

/** The same phase as the window's in every whole period of the baseline, the last first. */
export function samePhase(period: number, baseline: TimeRange, window: TimeRange): TimeRange[] {
  const found: TimeRange[] = []
  for (let back = period; window.start - back >= baseline.start; back += period)
    if (window.end - back <= baseline.end) found.push({ start: window.start - back, end: window.end - back })
  return found
}
