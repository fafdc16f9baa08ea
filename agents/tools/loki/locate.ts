/** Finds the label that holds a service's name, by querying the server. */
import { z } from 'zod'
import type { TimeRange } from '../../../analysis/observations.ts'
import { entries, items } from '../../../recording/items.ts'
import { parsed } from '../answer.ts'
import type { Http } from '../http.ts'
import { namedIn } from '../named.ts'
import { toNanoseconds } from '../nanoseconds.ts'
import { notIn, placeIn } from '../namespaces.ts'
import { around, equals, join, type Matcher } from '../prometheus/promql.ts'
import type { CallContext } from '../tools.ts'

export interface LogMapping {
  /** labels that may hold the service's name, tried before the built-in ones */
  serviceLabels?: readonly string[]
  /** a service's name in Loki, where it differs */
  names?: Readonly<Record<string, string>>
  /** default: the built-in ones */
  namespaceLabel?: string
}

interface Sought {
  service: string
  namespace: string | null
  strict: boolean
  range: TimeRange
}

const LABELS = ['service_name', 'service', 'app', 'app_kubernetes_io_name', 'workload', 'container']
const answered = z.looseObject({ data: items(entries(z.string())).nullish() })

/** LogQL stream selector of a service, with braces; null: no streams in this range, and `why`. */
export async function locate(
  http: Http,
  { service, namespace, strict, range }: Sought,
  { serviceLabels = [], names = {}, namespaceLabel }: LogMapping,
  context: CallContext,
): Promise<{ selector: string; warnings: string[] } | { selector: null; why: string }> {
  const name = namedIn(names, service)
  const matchers: Matcher[] = [
    ...[...new Set([...serviceLabels, ...LABELS])].map((label) => equals(label, name)),
    // older agents write the job as namespace/name; Loki takes many times longer to parse a negated class such as [^/]
    around('job', '(.+/)?', name, ''),
    around('pod', '', name, '-([0-9]+|[a-z0-9]+|[a-z0-9]+-[a-z0-9]{5})'),
  ]
  const form = new URLSearchParams({ start: toNanoseconds(range.start), end: toNanoseconds(range.end) })
  for (const { promql } of matchers) form.append('match[]', `{${promql}}`)
  const body = await http.json({ path: 'loki/api/v1/series', body: form.toString() }, context)
  const streams = parsed(answered, "Loki's streams", body).data ?? []
  const matcher = matchers.find(({ label, holds }) => streams.some((stream) => holds(stream[label] ?? '')))
  if (matcher === undefined) return { selector: null, why: `no label holds ${service}` }
  const mine = streams.filter((stream) => matcher.holds(stream[matcher.label] ?? ''))
  const placed = placeIn(mine, `the log of ${service}`, { namespace, own: namespaceLabel, strict })
  if ('elsewhere' in placed)
    return { selector: null, why: `the log of ${service} is ${notIn(namespace, placed.elsewhere)}` }
  return { selector: `{${join(matcher.promql, placed.matcher)}}`, warnings: placed.warnings }
}
