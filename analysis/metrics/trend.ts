/** A series that climbs or falls all the time: that it goes on so is no disturbance. */
import type { Series, TimeRange } from '../observations.ts'
import { median, quantileOfSorted } from './robust.ts'
import { lowerBound, numbersOf } from './samples.ts'
import { type Sample, senSlope } from './slope.ts'

/** The baseline is seen as the medians of so many parts; fewer samples than two a part tell no trend from chance. */
const PARTS = 16
const FEWEST = 2 * PARTS
/** How sure the slope must be. */
const LEVEL = 0.999
/** Of how far the parts are from their middle, what the line may leave. */
const LEFT = 1 / 3
/** A line is drawn no further than this share of what it was drawn from. */
const AHEAD = 0.5

/**
 * The series without its line, at the level the line has when the window begins; null where the baseline has no trend that is certain,
 * explains most of what it moved by and lies right before the window. A jump on the line, and a line that bends, remain.
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

/** Median distance from the median. */
function spreadOf(values: readonly number[]): number {
  const middle = median(values)
  return median(values.map((value) => Math.abs(value - middle)))
}
