/** Asks Prometheus for own PromQL, once for all services, beside what is measured of each. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { TimeRange } from '../../../analysis/observations.ts'
import type { Sample } from '../../../analysis/watch/watched.ts'
import { storable } from '../../../bus/storable.ts'
import { wordsOf } from '../../tools/answer.ts'
import type { Http } from '../../tools/http.ts'
import { namedIn } from '../../tools/named.ts'
import { NAMESPACE_LABELS } from '../../tools/namespaces.ts'
import { instanceOf } from '../../tools/prometheus/prometheus.ts'
import { type Points, queryRange } from '../../tools/prometheus/query-range.ts'
import type { Mapping } from '../../tools/prometheus/resolve.ts'
import type { CallContext } from '../../tools/tools.ts'
import { LONGEST_SPREAD_MS, type Source, type Target } from '../source.ts'
import type { Query } from './read-queries.ts'

/** Series that are read of one query. */
export const MOST_SERIES = 2_000
/** Longer ranges are the weeks before the first start, which are read a few services at a time. */
const LONGEST_RANGE_MS = 86_400_000

export interface OwnQueries {
  read(targets: readonly Target[], range: TimeRange, stepMs: number, signal: AbortSignal): Promise<Sample[]>
  /** why queries were not answered when they were last asked, by name */
  failing(): ReadonlyMap<string, string>
}

interface Trouble {
  query: string
  why: string
  /** false: it is answered, but not whole */
  isFailing: boolean
}

interface Options {
  http: Http
  queries: readonly Query[]
  mapping: Mapping
  log: Pick<Logger, 'info' | 'warn'>
  /** as in `PollingOptions` */
  spread?: number
}

export function ownQueries({ http, queries, mapping, log, spread = 0.5 }: Options): OwnQueries {
  const troubles = new Map<string, Trouble>()
  const tell = (tenant: string, query: string, now: Omit<Trouble, 'query'> | null): void => {
    const key = `${tenant} ${query}`
    const before = troubles.get(key)
    if (now === null) troubles.delete(key)
    else troubles.set(key, { query, ...now })
    if (now?.isFailing === before?.isFailing) return
    if (now === null) log.info({ tenant, query }, 'the query is answered whole again')
    else log.warn({ tenant, query, error: now.why }, now.isFailing ? 'the query is not answered: a gap, not an anomaly' : 'the query is not answered whole') // prettier-ignore
  }
  return {
    failing: () => new Map([...troubles.values()].flatMap(({ query, why, isFailing }) => (isFailing ? [[query, why]] : []))), // prettier-ignore
    async read(targets, range, stepMs, signal) {
      const [first] = targets
      if (first === undefined || range.end - range.start > LONGEST_RANGE_MS) return []
      const { tenant } = first
      const samples: Sample[] = []
      const pauseMs = Math.min(stepMs * spread, LONGEST_SPREAD_MS) / queries.length
      for (const [at, query] of queries.entries()) {
        if (at > 0) await delay(pauseMs, undefined, { signal }).catch(() => undefined)
        try {
          const { points, warnings } = await asked(http, query, range, Math.ceil(stepMs / 1000), { signal, tenant })
          for (const one of points) for (const sample of samplesOf(one, query, targets, mapping, range)) samples.push(sample) // prettier-ignore
          tell(tenant, query.name, warnings.length === 0 ? null : { why: warnings.join('; '), isFailing: false })
        } catch (error) {
          // the agent is stopped
          if (signal.reason?.name === 'AbortError') return samples
          tell(tenant, query.name, { why: wordsOf(error), isFailing: true })
        }
      }
      return samples
    },
  }
}

/** What of it is answered; throws if nothing is. */
export const asked = (http: Http, { expr }: Query, range: TimeRange, stepS: number, context: CallContext) =>
  queryRange(http, { promql: expr, range, stepS, mostSeries: MOST_SERIES }, context)

export const serviceOf = ({ labels }: Pick<Points, 'labels'>, { service }: Query): string =>
  'name' in service ? service.name : (labels[service.label] ?? '')

/** None if the service is not watched, or may be another tenant's. */
function samplesOf(
  points: Points,
  query: Query,
  targets: readonly Target[],
  mapping: Mapping,
  { start }: TimeRange,
): Sample[] {
  const { [labelOf(query)]: _service, ...others } = points.labels
  const named = serviceOf(points, query)
  const namespaces = (mapping.namespaceLabel === undefined ? NAMESPACE_LABELS : [mapping.namespaceLabel]).flatMap((label) => others[label] ?? []) // prettier-ignore
  const isOf = ({ service, namespace, strict }: Target): boolean =>
    namedIn(mapping.names, service) === named && (!strict || (namespace !== null && namespaces.includes(namespace)))
  const target = targets.find(isOf)
  if (target === undefined) return []
  const { name: indicator, unit, capacity } = query
  const about = {
    ...{ service: target.service, indicator, instance: storable(instanceOf(others)) },
    ...(capacity !== null ? { unit: 'ratio' } : unit !== null ? { unit } : {}),
  }
  return points.times.flatMap((time, at) => (time > start ? { ...about, time, value: points.values[at]! / (capacity ?? 1) } : [])) // prettier-ignore
}

const labelOf = ({ service }: Query): string => ('label' in service ? service.label : '')

/** Both are asked at the same time. */
export const withQueries = (source: Source, own: OwnQueries): Source => ({
  ...source,
  async read(targets, range, stepMs, signal) {
    const [{ samples, failures }, more] = await Promise.all([
      source.read(targets, range, stepMs, signal),
      own.read(targets, range, stepMs, signal),
    ])
    return { samples: [...samples, ...more], failures }
  },
})
