/** Lists the services a server has metrics for, from the labels of its series: request metrics first, then workloads. */
import { z } from 'zod'
import type { TimeRange } from '../../../analysis/observations.ts'
import { entries, items } from '../../../recording/items.ts'
import { parsed } from '../answer.ts'
import type { Http } from '../http.ts'
import { NAMESPACE_LABELS } from '../namespaces.ts'
import type { CallContext } from '../tools.ts'
import { type MetricsSeen, said, seconds } from './metrics-seen.ts'
import { type Profile, requestProfiles } from './profiles.ts'
import { equals, labelName, pick } from './promql.ts'
import { containers, workloads } from './resources.ts'
import type { Mapping } from './resolve.ts'

export interface MeasuredService {
  service: string
  /** null: there is no namespace label, or several namespaces */
  namespace: string | null
}

/** A tier is queried only if the tiers before it found nothing. */
const TIERS: readonly (readonly Profile[])[] = [[...requestProfiles, ...workloads], [containers]]

const labelsOf = z.looseObject({ data: items(z.string()), ...said })
const vector = z.looseObject({ data: z.looseObject({ result: items(z.looseObject({ metric: entries(z.string()), value: z.tuple([z.number(), z.string()]).optional() })) }), ...said }) // prettier-ignore
type LabelSet = Readonly<Record<string, string>>

export async function servicesIn(
  http: Http,
  { mapping, range }: { mapping: Mapping; range: TimeRange },
  seen: MetricsSeen,
  context: CallContext,
): Promise<{ services: MeasuredService[]; warnings: string[] }> {
  const { metrics, warnings } = await seen(range, context)
  for (const tier of TIERS) {
    const present = tier.filter(({ metric }) => metrics.has(metric))
    const told = await Promise.all(present.map((profile) => setsOf(http, profile, mapping, range, context)))
    const services = named(told, mapping)
    if (services.length > 0) return { services, warnings }
  }
  return { services: [], warnings }
}

interface Told {
  /** labels that may hold the name, best first */
  labels: readonly string[]
  /** label values that are not service names */
  notNames: readonly string[]
  sets: readonly LabelSet[]
}

/** Distinct combinations of name and namespace, busiest first, whatever the number of series. */
async function setsOf(
  http: Http,
  profile: Profile,
  mapping: Mapping,
  range: TimeRange,
  context: CallContext,
): Promise<Told> {
  const query = { ...seconds(range), 'match[]': pick(profile.metric, '') }
  const { data } = parsed(labelsOf, 'the label names', await http.json({ path: 'api/v1/labels', query }, context))
  const labels = namingLabels(profile, mapping).filter((label) => data.includes(label))
  const notNames = profile.parts?.whole ?? []
  if (labels.length === 0) return { labels, notNames, sets: [] }
  const by = [...labels, ...namespaceLabels(mapping).filter((label) => data.includes(label))].map(labelName).join(', ')
  const lookBackS = Math.max(60, Math.ceil((range.end - range.start) / 1000))
  const all = pick(profile.metric, '')
  const present = `count by (${by}) (last_over_time(${all}[${lookBackS}s]))`
  const promql = requestProfiles.includes(profile) ? `sum by (${by}) (rate(${all}[5m])) or ${present} * 0` : present
  const body = await http.json({ path: 'api/v1/query', form: { query: promql, time: range.end / 1000 } }, context)
  return {
    labels,
    notNames,
    sets: busiestFirst(parsed(vector, 'the services of a metric', body).data.result),
  }
}

/** A diagnosis covers a limited number of services and takes the first; equally busy ones are in order of their labels. The rate of a native histogram is not a number: it sorts last. */
const busiestFirst = (
  found: readonly { metric: LabelSet; value?: readonly [number, string] | undefined }[],
): LabelSet[] =>
  found
    .toSorted((one, other) => rateOf(other) - rateOf(one) || compared(one.metric, other.metric))
    .map(({ metric }) => metric)

const rateOf = ({ value }: { value?: readonly [number, string] | undefined }): number => {
  const rate = Number(value?.[1] ?? 0)
  return Number.isNaN(rate) ? -1 : rate
}

function compared(one: LabelSet, other: LabelSet): number {
  const [first, second] = [one, other].map((set) => JSON.stringify(Object.entries(set).sort())) as [string, string]
  return first < second ? -1 : first > second ? 1 : 0
}

const PROBE = 'service'
/** Labels that hold the exact name; with a pattern, parts of other names would match. */
const namingLabels = (profile: Profile, { serviceLabels = [] }: Mapping): string[] => [
  ...serviceLabels,
  ...profile.matchers(PROBE).flatMap(({ label, promql }) => (promql === equals(label, PROBE).promql ? label : [])),
]
const namespaceLabels = ({ namespaceLabel }: Mapping): readonly string[] =>
  namespaceLabel === undefined ? NAMESPACE_LABELS : [namespaceLabel]

/** A service that is already known under another label is the same service. */
function named(told: readonly Told[], mapping: Mapping): MeasuredService[] {
  const known = new Set<string>()
  const found = new Map<string, Set<string | null>>()
  const own = new Map(Object.entries(mapping.names ?? {}).map(([service, name]) => [name, service]))
  for (const { labels, notNames, sets } of told) {
    const values = (set: LabelSet) =>
      labels.flatMap((label) => set[label] || []).filter((value) => !notNames.includes(value))
    const before = new Set(known)
    for (const set of sets) {
      const [name] = values(set)
      if (name === undefined || (values(set).some((value) => before.has(value)) && !found.has(own.get(name) ?? name))) continue // prettier-ignore
      const service = own.get(name) ?? name
      const namespace = namespaceLabels(mapping).flatMap((label) => set[label] || [])[0] ?? null
      found.set(service, (found.get(service) ?? new Set()).add(namespace))
      for (const value of values(set)) known.add(value)
    }
  }
  return [...found].map(([service, spaces]) => ({ service, namespace: spaces.size === 1 ? [...spaces][0] ?? null : null })) // prettier-ignore
}
