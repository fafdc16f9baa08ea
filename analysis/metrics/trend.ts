/**
 * Removes a steady trend, because its continuation is not a disturbance (Sen's slope, 1968, through medians of parts: Tukey, 1977).
 */
import type { Series, TimeRange } from '../observations.ts'
import { median, quantileOfSorted } from './robust.ts'
import { lowerBound, numbersOf } from './samples.ts'
import { type Sample, senSlope } from './slope.ts'

/** The baseline is divided into this many parts, with at least two samples each. */
const PARTS = 16
const FEWEST = 2 * PARTS
/** Confidence level of the slope. */
const LEVEL = 0.999
/** Maximum spread of the parts around the line, relative to their spread around the median. */
const LEFT = 1 / 3
/** The line is extrapolated by at most this share of the baseline. */
const AHEAD = 0.5

/**
 * The series without its trend line, at the level of the line when the window starts. null: the baseline has no significant trend, the trend
 * explains too little, or the window does not follow it closely. Steps and changes of the slope remain in the series.
 */
export function withoutTrend(series: Series, baseline: TimeRange, window: TimeRange): Series | null {
  const span = baseline.end - baseline.start
  if (window.start < baseline.end || window.end - baseline.end > AHEAD * span) return null
  const parts = partsOf(series, baseline)
  if (parts.length < PARTS) return null
  const { estimate, lower, upper } = senSlope(parts, LEVEL)
  if (!(lower > 0 || upper < 0)) return null
  const { times, values } = series
  const level = (value: number, time: number): number => value - estimate * (time - window.start)
  if (
    !(spreadOf(parts.map(({ time, value }) => level(value, time))) <= LEFT * spreadOf(parts.map(({ value }) => value)))
  )
    return null
  return { ...series, values: values.map((value, index) => level(value, times[index]!)) }
}

function partsOf({ times, values }: Series, { start, end }: TimeRange): Sample[] {
  const [first, next] = [lowerBound(times, start), lowerBound(times, end)]
  if (next - first < FEWEST) return []
  const edge = (part: number): number => first + Math.floor(((next - first) * part) / PARTS)
  return Array.from({ length: PARTS }, (_, part) => {
    const [from, to] = [edge(part), edge(part + 1)]
    return {
      time: quantileOfSorted(times.subarray(from, to), 0.5),
      value: median(numbersOf(values.subarray(from, to))),
    }
  })
}

/** Median absolute deviation. */
function spreadOf(values: readonly number[]): number {
  const middle = median(values)
  return median(values.map((value) => Math.abs(value - middle)))
}
