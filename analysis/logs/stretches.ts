/**
 * A time as stretches of equal length, in which lines are counted: how evenly a line came is told by how these counts scatter (the index of
 * dispersion: Cox and Lewis, "The Statistical Analysis of Series of Events", 1966).
 */
import { dispersionOf } from '../counts.ts'
import type { LogLine, TimeRange } from '../observations.ts'

/** As long as the window where the time is long enough; in any case so many. */
const [FEWEST, MOST] = [8, 60]
/** Fewer in which anybody said anything do not tell how counts scatter. */
const TELLING = 5

export interface Stretches {
  start: number
  step: number
  /** lines of everybody in each */
  all: Uint32Array
}

export function stretchesOf(lines: readonly LogLine[], window: number): Stretches {
  const { start, end } = rangeOf(lines)
  const count = Math.max(FEWEST, Math.min(MOST, Math.floor((end - start) / window) || 0))
  const cut = { start, step: (end - start) / count, all: new Uint32Array(count) }
  for (const { timestamp } of lines) cut.all[stretchAt(cut, timestamp)]! += 1
  return cut
}

/** Which of them an instant lies in. */
export const stretchAt = ({ start, step, all }: Stretches, instant: number): number =>
  step > 0 ? Math.min(all.length - 1, Math.floor((instant - start) / step)) : 0

/**
 * Of the lines counted in each. Of a stretch in which nobody said anything it is not known whether lines were kept, and the last one may
 * have in it what began: an onset is not known to the second.
 */
export function scatterOf({ all }: Stretches, counts: Uint32Array): number {
  const told = counts.subarray(0, -1).filter((_, at) => all[at]! > 0)
  return told.length < TELLING ? 1 : dispersionOf(told)
}

/** From the first to the last line, whoever wrote it. */
export function rangeOf(lines: readonly LogLine[]): TimeRange {
  let [start, end] = [Infinity, -Infinity]
  for (const { timestamp } of lines) {
    start = Math.min(start, timestamp)
    end = Math.max(end, timestamp)
  }
  return { start, end }
}
