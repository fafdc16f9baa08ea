/**
 * Guards against an all-clear for a fault that happened once before: with the earlier one in the baseline, the second looks normal. Before
 * an all-clear, the comparison is repeated without that time; if that finds an incident, the verdict is `inconclusive`.
 */
import { compared, type Conclusion } from './against-before.ts'
import { sidesOf } from './investigate.ts'
import { awayOf, exceptionsIn, lengthOf, merged, MINORITY, stretchesBeyond } from './metrics/disturbed.ts'
import type { Observations, Series, TimeRange } from './observations.ts'
import type { Text } from './verdict.ts'

/** Returns `concluded`, unless it is an all-clear only because of an earlier, equally large disturbance. */
export function unlessRepeated(given: Observations, known: Observations, concluded: Conclusion): Conclusion {
  if (concluded.verdict.verdict !== 'nothing_wrong') return concluded
  const { before, during } = sidesOf(known)
  const repeated = merged(known.series.flatMap((one) => repeatedIn(one, before, during)))
  if (repeated.length === 0 || lengthOf(repeated) > MINORITY * (before.end - before.start)) return concluded
  const again = compared({
    ...given,
    disturbed: [...(given.disturbed ?? []), ...repeated.map((one) => ({ ...one, source: SEEN }))],
  })
  if (again.verdict.verdict !== 'incident') return concluded
  const { missing, ...rest } = again.verdict
  return { ...again, verdict: { ...rest, verdict: 'inconclusive', missing: [seenBefore(repeated), ...missing] } }
}

/** For a series that deviates in the window: the ranges of the baseline in which it deviated too. */
function repeatedIn(series: Series, before: TimeRange, during: TimeRange): TimeRange[] {
  const away = awayOf(series, before)
  if (away === null || stretchesBeyond(series, during, away).length === 0) return []
  return exceptionsIn(series, before, away)
}

const SEEN: Text = { en: 'the same was seen then', zh: '當時也出現過相同情況' }

function seenBefore(ranges: readonly TimeRange[]): Text {
  const clock = (instant: number): string => new Date(instant).toISOString().slice(11, 16)
  const told = ranges.map(({ start, end }) => `${clock(start)}–${clock(end)}`).join(', ')
  return {
    en: `the same was seen earlier (${told} UTC): against the rest of the baseline this is an incident, against the whole baseline it is not`,
    zh: `先前（${told} UTC）也出現過相同情況：與基準時段的其餘時間相比屬於異常，與整個基準時段相比則否`,
  }
}
