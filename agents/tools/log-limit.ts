/** Limits on the number of log lines read. */
import type { TimeRange } from '../../analysis/observations.ts'
import { notes } from './notes.ts'

/** Lines per time range, when the query sets no limit. */
export const DEFAULT_LIMIT = 5000
const SLICES = 10

/**
 * Splits a range into equal parts that share the limit. A comparison needs lines from the whole range: with only the newest, every template would
 * seem to begin at the cut.
 */
export function slicesOf({ start, end }: TimeRange, limit: number): { range: TimeRange; limit: number }[] {
  const length = (end - start) / SLICES
  return Array.from({ length: SLICES }, (_, index) => ({
    range: { start: start + index * length, end: index === SLICES - 1 ? end : start + (index + 1) * length },
    limit: Math.max(1, Math.floor(limit / SLICES)),
  }))
}

export const spread = (limit: number): string => notes.thinnedLines(limit, SLICES)
