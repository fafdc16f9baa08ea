/** A server may still have older series, under a label or a convention that is no longer in use. */
import { largest } from '../../../analysis/extremes.ts'
import type { TimeRange } from '../../../analysis/observations.ts'
import type { Http } from '../http.ts'
import type { CallContext } from '../tools.ts'
import { pick } from './promql.ts'
import { queryRange } from './query-range.ts'

const PLACES = 60

interface Place {
  metric: string
  selector: string
}

/** Index of the first place whose last sample is within a few points of the latest one anywhere; 0 if none has samples. */
export async function latestOf(
  http: Http,
  places: readonly Place[],
  range: TimeRange,
  context: CallContext,
): Promise<number> {
  if (places.length < 2) return 0
  const stepS = Math.max(1, Math.ceil((range.end - range.start) / 1000 / PLACES))
  const counted = places.map(
    ({ metric, selector }, at) => `label_replace(count(${pick(metric, selector)}), "place", "${at}", "", "")`,
  )
  const { points } = await queryRange(http, { promql: counted.join(' or '), range, stepS }, context)
  const ends = new Map(points.map(({ labels, times }) => [Number(labels['place']), times.at(-1) ?? -Infinity]))
  const latest = largest(ends.values(), -Infinity)
  const first = places.findIndex((_, at) => (ends.get(at) ?? -Infinity) >= latest - 3 * stepS * 1000)
  return Math.max(0, first)
}
