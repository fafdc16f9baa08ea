/** How many lines are taken of a flood. */
import type { TimeRange } from '../../analysis/observations.ts'

/** Lines of one part of the time, where the question names no limit. */
export const DEFAULT_LIMIT = 5000
const SLICES = 10
export const LINES_A_SLICE = DEFAULT_LIMIT / SLICES

/**
 * Equal parts of the time. Whoever asks without a limit compares before with during: the newest lines alone would make
 * everything begin where the cut is.
 */
export function slicesOf({ start, end }: TimeRange): TimeRange[] {
  const length = (end - start) / SLICES
  return Array.from({ length: SLICES }, (_, index) => ({
    start: start + index * length,
    end: index === SLICES - 1 ? end : start + (index + 1) * length,
  }))
}

export const SPREAD = `there are more than ${DEFAULT_LIMIT} lines: the newest ${LINES_A_SLICE} of each of ${SLICES} equal parts of the time were read`
