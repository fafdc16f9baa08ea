/** Traces from Zipkin and servers with its v2 API. Zipkin stores service names in lower case. */
import { z } from 'zod'
import { entries, items } from '../../../recording/items.ts'
import type { Span, TimeRange } from '../../../analysis/observations.ts'
import { parsed } from '../answer.ts'
import type { Http } from '../http.ts'
import { keptAttributes } from './attributes.ts'
import { type FoundTrace, type LinkOptions, pageOf, type TraceSearch, type TraceSource } from './source.ts'
import { notes } from '../notes.ts'

const endpoint = z.looseObject({ serviceName: z.string().nullish() }).nullish()
const zipkinSpan = z.looseObject({
  traceId: z.string(),
  id: z.string(),
  parentId: z.string().nullish(),
  name: z.string().nullish(),
  kind: z.enum(['CLIENT', 'SERVER', 'PRODUCER', 'CONSUMER']).nullish(),
  /** µs */
  timestamp: z.number().nullish(),
  /** µs */
  duration: z.number().nullish(),
  shared: z.boolean().nullish(),
  localEndpoint: endpoint,
  remoteEndpoint: endpoint,
  tags: entries(z.string()).nullish(),
})
const answered = items(items(zipkinSpan))
type ZipkinSpan = z.output<typeof zipkinSpan>

export const zipkin = (http: Http, { externalUrl }: LinkOptions = {}): TraceSource => ({
  tool: 'zipkin',
  sameName: (asked, told) => asked.toLowerCase() === told,
  async searches(services, context) {
    if (services === null) return [searchFor(http, null)]
    const known = new Set(
      parsed(items(z.string()), "Zipkin's services", await http.json({ path: 'api/v2/services' }, context)),
    )
    const names = new Set(services.map((name) => name.toLowerCase()))
    return [...names].filter((name) => known.has(name)).map((name) => searchFor(http, name))
  },
  link: (services, range) =>
    pageOf(externalUrl ?? http.baseUrl, 'zipkin/', {
      ...(services?.[0] === undefined ? {} : { serviceName: services[0].toLowerCase() }),
      lookback: 'range',
      startTs: String(Math.floor(range.start)),
      endTs: String(Math.ceil(range.end)),
    }),
})

function searchFor(http: Http, serviceName: string | null): TraceSearch {
  // both ends are inclusive; both are rounded down, so adjacent ranges leave no gap
  const queryOf = (range: TimeRange, limit: number) => ({
    ...(serviceName === null ? {} : { serviceName }),
    endTs: Math.floor(range.end),
    lookback: Math.floor(range.end) - Math.floor(range.start),
    limit,
  })
  return {
    query: (range, limit) =>
      `/api/v2/traces?${Object.entries(queryOf(range, limit))
        .map(([name, value]) => `${name}=${value}`)
        .join('&')}`,
    async run(range, limit, context) {
      const body = await http.json({ path: 'api/v2/traces', query: queryOf(range, limit) }, context)
      return { found: parsed(answered, "Zipkin's traces", body).flatMap(foundIn) }
    },
  }
}

function foundIn(trace: readonly ZipkinSpan[]): FoundTrace[] {
  const { spans, untimed } = spansOf(trace)
  const id = trace[0]?.traceId
  if (id === undefined || spans.length === 0) return []
  const warnings = untimed === 0 ? [] : [notes.unendedSpans()]
  const start = spans.reduce((least, span) => Math.min(least, span.start), Infinity)
  return [{ id, start, read: () => Promise.resolve({ spans, warnings }) }]
}

/**
 * Client and server may report a call under one id (`shared` marks the server's). They become two spans, the server's below the client's, and the
 * server's children stay with it. A span may arrive in pieces.
 */
export function spansOf(trace: readonly ZipkinSpan[]): { spans: Span[]; untimed: number } {
  const whole = [...Map.groupBy(trace, (one) => `${one.id}\0${sideOf(one)}`).values()].map(joined)
  const twoSided = new Set(
    [...Map.groupBy(whole, ({ id }) => id)].filter(([, sides]) => sides.length > 1).map(([id]) => id),
  )
  const serverOf = (id: string): string => `${id}/server`
  const timed = whole.filter(isTimed)
  const spans = timed.map((one): Span => {
    const split = twoSided.has(one.id)
    const serves = split && sideOf(one) === 'server'
    const above = one.parentId == null || one.parentId === one.id ? null : one.parentId
    const parent = serves ? one.id : above !== null && twoSided.has(above) ? serverOf(above) : above
    const start = one.timestamp / 1000
    const { error } = one.tags ?? {}
    return {
      traceId: one.traceId,
      spanId: serves ? serverOf(one.id) : one.id,
      ...(parent === null ? {} : { parentSpanId: parent }),
      service: one.localEndpoint?.serviceName || 'unknown',
      name: one.name || 'unknown',
      start,
      end: start + one.duration / 1000,
      ...(error === undefined || error === 'false' ? {} : { status: 'error' }),
      ...keptAttributes({
        ...one.tags,
        ...(one.kind == null ? {} : { 'span.kind': one.kind.toLowerCase() }),
        ...(one.remoteEndpoint?.serviceName ? { 'peer.service': one.remoteEndpoint.serviceName } : {}),
      }),
    }
  })
  return { spans, untimed: whole.length - timed.length }
}

const isTimed = (span: ZipkinSpan): span is ZipkinSpan & { timestamp: number; duration: number } =>
  span.timestamp != null && span.duration != null

const sideOf = ({ shared, kind }: ZipkinSpan): 'server' | 'client' =>
  shared === true || kind === 'SERVER' || kind === 'CONSUMER' ? 'server' : 'client'

function joined(pieces: readonly ZipkinSpan[]): ZipkinSpan {
  const [first, ...rest] = pieces
  return rest.reduce(
    (all, piece) => ({
      ...piece,
      ...Object.fromEntries(Object.entries(all).filter(([, value]) => value != null)),
      duration: Math.max(all.duration ?? 0, piece.duration ?? 0) || null,
      tags: { ...piece.tags, ...all.tags },
    }),
    first as ZipkinSpan,
  )
}
