/** Finds which metrics of the known conventions a server has. */
import { LRUCache } from 'lru-cache'
import { z } from 'zod'
import type { TimeRange } from '../../../analysis/observations.ts'
import { entries, items } from '../../../recording/items.ts'
import { parsed } from '../answer.ts'
import { HttpError } from '../http-error.ts'
import type { Http } from '../http.ts'
import type { CallContext } from '../tools.ts'
import { requestProfiles } from './profiles.ts'
import { literal, quoted } from './promql.ts'
import { resourceProfiles } from './resources.ts'

/** Servers with partial or truncated answers say so in these fields. */
export const said = { warnings: items(z.string()).default([]), infos: items(z.string()).default([]) }
const names = z.looseObject({ data: items(z.string()), ...said })
const named = z.looseObject({ data: items(entries(z.string())), ...said })

interface Seen {
  metrics: ReadonlySet<string>
  warnings: string[]
}

const METRICS = [
  ...new Set(
    [...requestProfiles, ...resourceProfiles].flatMap(({ metric, indicators }) => [
      metric,
      ...indicators.flatMap(({ needs, either = [] }) => [...needs, ...either]),
    ]),
  ),
]
const stemOf = (metric: string): string => metric.replace(/_(?:bucket|count|sum|max|total)$/, '')
/** Matches the histograms by stem and suffix: listing every name would make the URL too long. */
const PATTERN = `(${[...new Set(METRICS.map((name) => literal(stemOf(name))))].join('|')})(_(bucket|count|sum|max|total))?`

/** Cached for a minute, so that all services of a question share the answer. */
export function metricsSeen(http: Http) {
  const cache = new LRUCache<string, Promise<Seen>>({ max: 100, ttl: 60_000 })
  return (range: TimeRange, context: CallContext): Promise<Seen> => {
    const key = `${range.start} ${range.end} ${context.tenant ?? ''}`
    const known = cache.get(key)
    if (known !== undefined) return known
    const asked = metricsIn(http, range, context)
    cache.set(key, asked)
    asked.catch(() => cache.delete(key))
    return asked
  }
}
export type MetricsSeen = ReturnType<typeof metricsSeen>

/**
 * Some Prometheus-compatible servers support no pattern for names, or do not list names at all; then all names are fetched, or each metric is queried
 * by itself.
 */
const WAYS = [byPattern, all, oneByOne]

async function metricsIn(http: Http, range: TimeRange, context: CallContext): Promise<Seen> {
  for (const [at, way] of WAYS.entries())
    try {
      return await way(http, range, context)
    } catch (error) {
      if (at === WAYS.length - 1 || !isUnknown(error)) throw error
    }
  throw new Error('metric names cannot be listed in any known way')
}

/** The server does not support this query. */
const isUnknown = (error: unknown): boolean =>
  error instanceof HttpError && ([400, 403, 404, 405, 422, 501].includes(error.status) || error.tooLarge)

function byPattern(http: Http, range: TimeRange, context: CallContext): Promise<Seen> {
  return namesIn(http, { ...seconds(range), 'match[]': `{__name__=~${quoted(PATTERN)}}` }, context)
}

function all(http: Http, range: TimeRange, context: CallContext): Promise<Seen> {
  return namesIn(http, seconds(range), context)
}

async function namesIn(http: Http, query: Record<string, string | number>, context: CallContext): Promise<Seen> {
  const body = await http.json({ path: 'api/v1/label/__name__/values', query }, context)
  const { data, warnings, infos } = parsed(names, 'the metric names', body)
  return { metrics: new Set(data), warnings: [...warnings, ...infos] }
}

async function oneByOne(http: Http, range: TimeRange, context: CallContext): Promise<Seen> {
  const answers = await Promise.all(
    METRICS.map(async (metric) => {
      const query = { ...seconds(range), limit: 1, 'match[]': `{__name__=${quoted(metric)}}` }
      const body = await http.json({ path: 'api/v1/series', query }, context)
      const { data, warnings, infos } = parsed(named, `the series of ${metric}`, body)
      return { metrics: data.length > 0 ? [metric] : [], warnings: [...warnings, ...infos] }
    }),
  )
  return {
    metrics: new Set(answers.flatMap(({ metrics }) => metrics)),
    // each was limited to one series on purpose
    warnings: [...new Set(answers.flatMap(({ warnings }) => warnings))].filter((one) => !/limit/.test(one)),
  }
}

export const seconds = ({ start, end }: TimeRange) => ({ start: start / 1000, end: end / 1000 })
