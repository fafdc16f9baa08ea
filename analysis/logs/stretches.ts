/**
 * Splits a time range into stretches of equal length and counts lines in each; the scatter of these counts shows how evenly lines come (index
 * of dispersion: Cox and Lewis, "The Statistical Analysis of Series of Events", 1966).
 */
import { dispersionOf } from '../counts.ts'
import type { LogLine, TimeRange } from '../observations.ts'

/** Each stretch is as long as the window, but there are at least 8 and at most 60. */
const [FEWEST, MOST] = [8, 60]
/** Minimum number of stretches with lines for an estimate of the scatter. */
const TELLING = 5

export interface Stretches {
  start: number
  step: number
  /** lines of all services in each stretch */
  all: Uint32Array
}

export function stretchesOf(lines: readonly LogLine[], window: number): Stretches {
  const { start, end } = rangeOf(lines)
  const count = Math.max(FEWEST, Math.min(MOST, Math.floor((end - start) / window) || 0))
  const cut = { start, step: (end - start) / count, all: new Uint32Array(count) }
  for (const { timestamp } of lines) cut.all[stretchAt(cut, timestamp)]! += 1
  return cut
}

/** Index of the stretch that contains the timestamp. */
export const stretchAt = ({ start, step, all }: Stretches, instant: number): number =>
  step > 0 ? Math.min(all.length - 1, Math.floor((instant - start) / step)) : 0

/**
 * Overdispersion of `counts`, one per stretch. Leaves out stretches without any line, for which lines may not have been retained, and the
 * last one, which may already contain the onset.
 */
export function scatterOf({ all }: Stretches, counts: Uint32Array): number {
  const told = counts.subarray(0, -1).filter((_, at) => all[at]! > 0)
  return told.length < TELLING ? 1 : dispersionOf(told)
}

/** From the first to the last line. */
export function rangeOf(lines: readonly LogLine[]): TimeRange {
  let [start, end] = [Infinity, -Infinity]
  for (const { timestamp } of lines) {
    start = Math.min(start, timestamp)
    end = Math.max(end, timestamp)
  }
  return { start, end }
}
