/** If no data exists for the requested baseline, the part of the window before the onset becomes the baseline. */
import { endedIn } from './ended.ts'
import { firstOf, isMeasured } from './measured.ts'
import type { Observations, TimeRange } from './observations.ts'
import type { Text } from './verdict.ts'

/**
 * Drops a requested baseline that holds no data; `missing` says so. null: the baseline has data, there is no data at all, or a known
 * incident that ended is handled separately (see ended.ts).
 */
export function recordedOf(given: Observations): { observations: Observations; missing: Text } | null {
  const { baseline, ...rest } = given
  if (baseline === undefined || isRecorded(given, baseline) || !isMeasured(given, given.window)) return null
  if (endedIn(given) !== null) return null
  return { observations: rest, missing: sinceText(firstOf(given)) }
}

const isRecorded = (given: Observations, { start, end }: TimeRange): boolean =>
  isMeasured(given, { start, end }) ||
  given.logs.some(({ timestamp }) => timestamp >= start && timestamp < end) ||
  given.spans.some((span) => span.start >= start && span.start < end)

function sinceText(first: number): Text {
  const clock = new Date(first).toISOString().slice(11, 19)
  return {
    en: `no data before ${clock} UTC: ask for a shorter window, or wait for more history`,
    zh: `${clock} UTC 之前沒有資料：請縮短查詢時段，或等待累積更多歷史資料`,
  }
}
