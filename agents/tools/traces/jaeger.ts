/** Traces from Jaeger, through the HTTP API of its own UI. */
import { z } from 'zod'
import { entries, items } from '../../../recording/items.ts'
import type { Span, TimeRange } from '../../../analysis/observations.ts'
import { parsed } from '../answer.ts'
import type { Http } from '../http.ts'
import { keptAttributes } from './attributes.ts'
import { type FoundTrace, type LinkOptions, pageOf, type TraceSearch, type TraceSource } from './source.ts'

const tags = items(z.looseObject({ key: z.string(), value: z.unknown() })).nullish()
const jaegerSpan = z.looseObject({
  traceID: z.string(),
  spanID: z.string(),
  parentSpanID: z.string().nullish(),
  operationName: z.string(),
  references: items(z.looseObject({ refType: z.string(), traceID: z.string(), spanID: z.string() })).nullish(),
  /** µs */
  startTime: z.number(),
  /** µs */
  duration: z.number(),
  tags,
  processID: z.string().nullish(),
  process: z.looseObject({ serviceName: z.string() }).nullish(),
})
const jaegerTrace = z.looseObject({
  traceID: z.string(),
  spans: items(jaegerSpan),
  processes: entries(z.looseObject({ serviceName: z.string() })).nullish(),
})
const errors = items(z.looseObject({ msg: z.string() })).nullish()
const found = z.looseObject({ data: items(jaegerTrace).nullish(), errors })
const services = z.looseObject({ data: items(z.string()).nullish(), errors })

export const jaeger = (http: Http, { externalUrl }: LinkOptions = {}): TraceSource => ({
  tool: 'jaeger',
  async searches(asked, context) {
    // Jaeger can only search by service
    const body = parsed(services, "Jaeger's services", await http.json({ path: 'api/services' }, context))
    const known = new Set(body.data ?? [])
    const names = asked === null ? known : new Set(asked.filter((name) => known.has(name)))
    return [...names].map((name) => searchFor(http, name))
  },
  link: (asked, range) =>
    pageOf(externalUrl ?? http.baseUrl, 'search', {
      ...(asked?.[0] === undefined ? {} : { service: asked[0] }),
      lookback: 'custom',
      ...microseconds(range),
    }),
})

const microseconds = ({ start, end }: TimeRange) => ({
  start: String(Math.floor(start * 1000)),
  end: String(Math.ceil(end * 1000)),
})

function searchFor(http: Http, service: string): TraceSearch {
  const queryOf = (range: TimeRange, limit: number) => ({ service, ...microseconds(range), limit })
  return {
    query: (range, limit) =>
      `/api/traces?${Object.entries(queryOf(range, limit))
        .map(([name, value]) => `${name}=${value}`)
        .join('&')}`,
    async run(range, limit, context) {
      const body = await http.json({ path: 'api/traces', query: queryOf(range, limit) }, context)
      const { data, errors } = parsed(found, "Jaeger's traces", body)
      return { found: (data ?? []).flatMap(foundIn), warnings: (errors ?? []).map(({ msg }) => msg) }
    },
  }
}

function foundIn(trace: z.output<typeof jaegerTrace>): FoundTrace[] {
  const spans = trace.spans.map((span): Span => {
    const attributes = Object.fromEntries((span.tags ?? []).map(({ key, value }) => [key, value]))
    const references = (span.references ?? []).filter(({ traceID }) => traceID === span.traceID)
    const above = references.find(({ refType }) => refType === 'CHILD_OF') ?? references[0]
    const parent = above?.spanID ?? (span.parentSpanID || undefined)
    const start = span.startTime / 1000
    const failed = String(attributes['error']) === 'true' || attributes['otel.status_code'] === 'ERROR'
    const service = span.process?.serviceName ?? trace.processes?.[span.processID ?? '']?.serviceName
    return {
      traceId: span.traceID,
      spanId: span.spanID,
      ...(parent === undefined ? {} : { parentSpanId: parent }),
      service: service ?? 'unknown',
      name: span.operationName,
      start,
      end: start + span.duration / 1000,
      ...(failed ? { status: 'error' } : {}),
      ...keptAttributes(attributes),
    }
  })
  if (spans.length === 0) return []
  const start = spans.reduce((least, span) => Math.min(least, span.start), Infinity)
  return [{ id: trace.traceID, start, read: () => Promise.resolve({ spans }) }]
}
