import type { TimeRange } from '../../analysis/observations.ts'

/** Baseline and range as one query if they meet, as two if there is a gap between them, which is not read. */
export function timeParts(range: TimeRange, baseline: TimeRange | undefined): TimeRange[] {
  if (baseline === undefined) return [range]
  const gap = range.start - baseline.end
  const meets = gap <= (range.end - range.start) / 10 && baseline.start <= range.end
  return meets
    ? [{ start: Math.min(baseline.start, range.start), end: Math.max(baseline.end, range.end) }]
    : [baseline, range]
}
