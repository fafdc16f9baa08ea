/** Names what an indicator leaves out, such as read-only file systems, because it was not measured. */
import { wordsOf } from '../answer.ts'
import type { Http } from '../http.ts'
import type { CallContext } from '../tools.ts'
import { queryRange } from './query-range.ts'
import { notes } from '../notes.ts'

const NAMED = 5

interface Left {
  indicator: string
  service: string
  /** a query for shares, with a label `why` */
  promql: string
  /** ms since the epoch */
  at: number
}

export async function leftOutOf(
  http: Http,
  { indicator, service, promql, at }: Left,
  context: CallContext,
): Promise<string[]> {
  // prettier-ignore
  try {
    const { points } = await queryRange(http, { promql, range: { start: at, end: at }, stepS: 1 }, context)
    const named = points.map(({ labels, values }) => {
      const kind = [labels['fstype'], labels['why']].filter((one) => one !== undefined).join(', ')
      return `${labels['mountpoint'] ?? '?'} of ${labels['instance'] ?? service} (${kind}, ${Math.round(100 * (values.at(-1) ?? 0))} % used)`
    })
    const [first, more] = [named.sort().slice(0, NAMED), named.length - NAMED]
    return named.length === 0 ? [] : [notes.leftOut(indicator, service, `${first.join('; ')}${more > 0 ? ` and ${more} more` : ''}`)] // prettier-ignore
  } catch (error) {
    return [notes.leftOutUnknown(indicator, service, wordsOf(error))]
  }
}
