/** A baseline from before anything was recorded tells nothing of what is normal: what the window itself has from before the onset does. */
import { endedIn } from './ended.ts'
import { firstOf, isMeasured } from './measured.ts'
import type { Observations, TimeRange } from './observations.ts'
import type { Text } from './verdict.ts'

/**
 * Without the baseline that was asked for, in which nothing was recorded; `missing` says so. null: something was, or nothing at all, or a known
 * incident parts what was recorded since.
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
    en: `there is no data from before ${clock} UTC: a shorter time to look at, or more history, would tell more`,
    zh: `${clock} UTC 之前沒有資料：縮短查詢時間或累積更多歷史資料後，可得出更多結論`,
  }
}
