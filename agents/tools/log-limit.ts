/** How many lines are taken of a flood. */
import type { TimeRange } from '../../analysis/observations.ts'

/** Lines of each part of the time, where the question names no limit. */
export const DEFAULT_LIMIT = 5000
const SLICES = 10

/**
 * Equal parts of the time with a share of the limit each. Whoever compares before with during needs lines of the whole
 * time: with the newest alone everything would begin where the cut is.
 */
export function slicesOf({ start, end }: TimeRange, limit: number): { range: TimeRange; limit: number }[] {
  const length = (end - start) / SLICES
  return Array.from({ length: SLICES }, (_, index) => ({
    range: { start: start + index * length, end: index === SLICES - 1 ? end : start + (index + 1) * length },
    limit: Math.max(1, Math.floor(limit / SLICES)),
  }))
}

export const spread = (limit: number): string =>
  `there are more than ${limit} lines: the newest of each of ${SLICES} equal parts of the time were read`
