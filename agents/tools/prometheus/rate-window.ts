import { largest } from '../../../analysis/extremes.ts'
import type { TimeRange } from '../../../analysis/observations.ts'
import type { Http } from '../http.ts'
import type { CallContext } from '../tools.ts'
import { pick } from './promql.ts'
import { type Points, queryRange } from './query-range.ts'

/** Window lengths to try, in s: short ones detect new metrics, long ones rarely scraped metrics. */
const LOOKS_S = [15, 60, 300]
const PLACES = 10
/** A rate needs two samples; twice that survives a failed scrape. */
const SAMPLES = 4
const DAY_S = 86_400

/** Estimated scrape interval in s, from the densest part of the range; null: too few samples. */
export async function sampleInterval(
  http: Http,
  { metric, selector, range }: { metric: string; selector: string; range: TimeRange },
  context: CallContext,
): Promise<number | null> {
  const stepS = Math.max(1, Math.ceil((range.end - range.start) / 1000 / PLACES))
  const perSecond = LOOKS_S.map((look) => {
    const counted = `max(count_over_time(${pick(metric, selector)}[${look}s]))`
    return `label_replace((${counted} >= 2) / ${look}, "look", "${look}", "", "")`
  })
  const { points } = await queryRange(http, { promql: `max(${perSecond.join(' or ')})`, range, stepS }, context)
  const densest = largest(
    points.flatMap(({ values }) => values),
    0,
  )
  return densest === 0 ? null : 1 / densest
}

/** The rate window in s: long enough for the scrape interval and for the distance between points. */
export const rateWindow = (leastS: number, stepS: number, intervalS: number | null): number =>
  Math.ceil(Math.max(leastS, SAMPLES * stepS, Math.min(SAMPLES * (intervalS ?? 0), DAY_S)))

/**
 * Drops the first rates of a series that began within the range: their window is longer than the series, so they climb from near zero and
 * would look like rising traffic. A series shorter than that is kept whole. `from`: ms, start of the queried range.
 */
export function withoutRamp(
  points: Points,
  from: number,
  { stepS, windowS }: { stepS: number; windowS: number },
): Points {
  const { labels, times, values } = points
  const first = times[0] ?? from
  const whole = times.findIndex((time) => time >= first + windowS * 1000)
  if (first <= from + stepS * 1000 || whole <= 0) return points
  return { labels, times: times.slice(whole), values: values.slice(whole) }
}
