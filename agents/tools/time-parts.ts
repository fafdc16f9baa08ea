import type { TimeRange } from '../../analysis/observations.ts'

/** Baseline and range as one question where they meet, as two where the baseline lies further back: what is between is nobody's business. */
export function timeParts(range: TimeRange, baseline: TimeRange | undefined): TimeRange[] {
  if (baseline === undefined) return [range]
  const gap = range.start - baseline.end
  const meets = gap <= (range.end - range.start) / 10 && baseline.start <= range.end
  return meets
    ? [{ start: Math.min(baseline.start, range.start), end: Math.max(baseline.end, range.end) }]
    : [baseline, range]
}
