import type { TimeRange } from '../../../analysis/observations.ts'
import type { Http } from '../http.ts'
import type { CallContext } from '../tools.ts'
import { queryRange } from './query-range.ts'

const LOOK_S = 300
const LOOKS = 10
/** A rate needs two samples; twice that survives a scrape that failed. */
const SAMPLES = 4

/** s between the samples of a metric, from how many lie in five minutes where they lie densest; null: too few to tell. */
export async function sampleInterval(
  http: Http,
  { metric, selector, range }: { metric: string; selector: string; range: TimeRange },
  context: CallContext,
): Promise<number | null> {
  const stepS = Math.max(1, Math.ceil((range.end - range.start) / 1000 / LOOKS))
  const promql = `max(count_over_time(${metric}{${selector}}[${LOOK_S}s]))`
  const { points } = await queryRange(http, { promql, range, stepS }, context)
  const most = Math.max(0, ...points.flatMap(({ values }) => values))
  return most < 2 ? null : LOOK_S / most
}

/** s a rate looks back on: long enough for the samples there are and for the points that are asked for. */
export const rateWindow = (leastS: number, stepS: number, intervalS: number | null): number =>
  Math.ceil(Math.max(leastS, SAMPLES * stepS, SAMPLES * (intervalS ?? 0)))
