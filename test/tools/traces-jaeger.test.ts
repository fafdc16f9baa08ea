import { afterEach, describe, expect, it } from 'vitest'
import { placeSpans } from '../../analysis/traces/tree.ts'
import { createHttp } from '../../agents/tools/http.ts'
import { jaeger } from '../../agents/tools/traces/jaeger.ts'
import { liveTraces } from '../../agents/tools/traces/traces.ts'
import { serve, type Served } from './served.ts'

const range = { start: Date.parse('2026-03-01T12:00:00Z'), end: Date.parse('2026-03-01T12:10:00Z') }
const context = { signal: new AbortController().signal }

/** A trace in Jaeger's format: front calls cart, which fails. */
const trace = (traceID: string, startMs: number) => ({
  traceID,
  spans: [
    {
      traceID,
      spanID: 'aaaaaaaaaaaaaaaa',
      operationName: 'GET /buy',
      references: [],
      startTime: startMs * 1000,
      duration: 250_500,
      tags: [
        { key: 'span.kind', type: 'string', value: 'client' },
        { key: 'http.url', type: 'string', value: 'http://cart/' },
      ],
      logs: [],
      processID: 'p1',
      warnings: null,
    },
    {
      traceID,
      spanID: 'bbbbbbbbbbbbbbbb',
      operationName: 'GET /cart',
      references: [
        { refType: 'FOLLOWS_FROM', traceID: 'another', spanID: 'cccccccccccccccc' },
        { refType: 'CHILD_OF', traceID, spanID: 'aaaaaaaaaaaaaaaa' },
      ],
      startTime: (startMs + 10) * 1000,
      duration: 200_000,
      tags: [
        { key: 'span.kind', type: 'string', value: 'server' },
        { key: 'error', type: 'bool', value: true },
        { key: 'http.status_code', type: 'int64', value: 500 },
      ],
      logs: [],
      processID: 'p2',
      warnings: null,
    },
  ],
  processes: {
    p1: { serviceName: 'front', tags: [{ key: 'hostname', type: 'string', value: 'one' }] },
    p2: { serviceName: 'cart', tags: [] },
  },
  warnings: null,
})
const envelope = (data: unknown) => ({ data, total: 0, limit: 0, offset: 0, errors: null })

describe('traces from Jaeger', () => {
  let server: Served
  afterEach(() => server.close())
  const tool = () =>
    liveTraces({ source: jaeger(createHttp({ baseUrl: `${server.url}/jaeger`, timeoutMs: 60_000, retries: 0 })) })

  /** Responds as Jaeger does: traces of a service with a span in the range, newest first. */
  const keeping = (all: readonly ReturnType<typeof trace>[]) =>
    serve(({ pathname, searchParams }) => {
      if (pathname === '/jaeger/api/services') return { body: envelope(['front', 'cart', 'jaeger']) }
      if (pathname !== '/jaeger/api/traces') return null
      const [start, end] = [Number(searchParams.get('start')), Number(searchParams.get('end'))]
      const inside = all.filter(({ spans }) => spans.some(({ startTime }) => startTime >= start && startTime <= end))
      return { body: envelope(inside.toReversed().slice(0, Number(searchParams.get('limit')))) }
    })

  it('reads spans with parent, service, kind, error and times in ms', async () => {
    server = await keeping([trace('one', range.start + 60_000.5)])
    const result = await tool().traces({ services: ['cart', 'unheard'], range }, context)
    expect(result.status, result.status === 'failed' ? result.error : '').toBe('ok')
    expect(result.data).toEqual({
      traces: 1,
      spans: [
        {
          traceId: 'one',
          spanId: 'aaaaaaaaaaaaaaaa',
          service: 'front',
          name: 'GET /buy',
          start: range.start + 60_000.5,
          end: range.start + 60_251,
          attributes: { 'span.kind': 'client' },
        },
        {
          traceId: 'one',
          spanId: 'bbbbbbbbbbbbbbbb',
          parentSpanId: 'aaaaaaaaaaaaaaaa',
          service: 'cart',
          name: 'GET /cart',
          start: range.start + 60_010.5,
          end: range.start + 60_210.5,
          status: 'error',
          attributes: { 'span.kind': 'server', error: true, 'http.status_code': 500 },
        },
      ],
    })
    expect(placeSpans(result.data!.spans).map(({ errorOrigin }) => errorOrigin)).toEqual([false, true])
    expect(result.query).toBe(`/api/traces?service=cart&start=${range.start * 1000}&end=${range.end * 1000}&limit=500`)
    expect(result.link).toBe(`${server.url}/jaeger/search?service=cart&lookback=custom&start=${range.start * 1000}&end=${range.end * 1000}`) // prettier-ignore
  })

  it('samples the whole range, each trace once', async () => {
    server = await keeping(Array.from({ length: 600 }, (_, index) => trace(`t${index}`, range.start + index * 1000)))
    const { data, warnings } = await tool().traces({ services: ['cart', 'front'], range, limit: 50 }, context)
    expect(new Set(data?.spans.map(({ traceId }) => traceId)).size).toBe(data?.traces)
    const minutes = new Set(data?.spans.map(({ start }) => Math.floor((start - range.start) / 60_000)))
    expect(minutes.size).toBe(10)
    expect(data!.traces).toBeLessThanOrEqual(50)
    expect(warnings.join()).toContain('there may be more traces')
  })

  it('queries every service if none is named', async () => {
    server = await keeping([trace('one', range.start)])
    expect((await tool().traces({ range }, context)).data?.traces).toBe(1)
    const services = server.asked.map(({ url }) => url.searchParams.get('service'))
    expect(new Set(services)).toEqual(new Set([null, 'front', 'cart', 'jaeger']))
  })

  it("fails with Jaeger's error, or for an unexpected format", async () => {
    server = await serve(({ pathname }) =>
      pathname.endsWith('services')
        ? { body: envelope(['cart']) }
        : { status: 500, body: { data: null, errors: [{ code: 500, msg: 'cassandra: no hosts available' }] } },
    )
    const broken = await tool().traces({ services: ['cart'], range }, context)
    expect(broken.status === 'failed' && broken.error).toContain('cassandra: no hosts available')
    await server.close()
    server = await serve(() => ({ body: { data: [{ spans: 'none' }] } }))
    const other = await tool().traces({ services: ['cart'], range }, context)
    expect(other.status === 'failed' && other.error).toContain("unexpected format of Jaeger's services")
  })
})
