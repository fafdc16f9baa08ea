import { afterEach, describe, expect, it } from 'vitest'
import { createHttp } from '../../agents/tools/http.ts'
import { tempo, type TempoOptions } from '../../agents/tools/traces/tempo.ts'
import { liveTraces } from '../../agents/tools/traces/traces.ts'
import { serve, type Served } from './served.ts'

const range = { start: Date.parse('2026-03-01T12:00:00Z'), end: Date.parse('2026-03-01T12:10:00Z') }
const context = { signal: new AbortController().signal }
const nanoseconds = (ms: number) => `${BigInt(Math.round(ms * 1000)) * 1000n}`
const base64 = (hex: string) => Buffer.from(hex, 'hex').toString('base64')
const string = (key: string, value: string) => ({ key, value: { stringValue: value } })

const ID = '00f3e0cee77ae5dc9c17ade3689eb2e5'
const [ROOT, CALL] = ['1111111111111111', '2222222222222222']
/** Tempo's JSON form of protobuf: ids in base64, kinds and states by name. */
const resources = (start: number, idOf = base64) => [
  {
    resource: { attributes: [string('service.name', 'front'), string('service.namespace', 'shop')] },
    scopeSpans: [
      {
        scope: { name: 'http' },
        spans: [
          {
            traceId: idOf(ID),
            spanId: idOf(ROOT),
            name: 'GET /buy',
            kind: 'SPAN_KIND_CLIENT',
            startTimeUnixNano: nanoseconds(start),
            endTimeUnixNano: nanoseconds(start + 250.5),
            attributes: [
              { key: 'http.response.status_code', value: { intValue: '502' } },
              string('url.full', 'http://cart/'),
              { key: 'http.request.header', value: { arrayValue: { values: [] } } },
            ],
            status: {},
          },
        ],
      },
    ],
  },
  {
    resource: { attributes: [string('service.name', 'cart')] },
    scopeSpans: [
      {
        spans: [
          {
            traceId: idOf(ID),
            spanId: idOf(CALL),
            parentSpanId: idOf(ROOT),
            name: 'GET /cart',
            kind: 'SPAN_KIND_SERVER',
            startTimeUnixNano: nanoseconds(start + 10),
            endTimeUnixNano: nanoseconds(start + 210),
            status: { code: 'STATUS_CODE_ERROR', message: 'no' },
          },
        ],
      },
    ],
  },
]
const START = range.start + 61_000.25
const spans = [
  {
    traceId: ID,
    spanId: ROOT,
    service: 'front',
    name: 'GET /buy',
    start: START,
    end: START + 250.5,
    attributes: { 'span.kind': 'client', 'http.response.status_code': 502 },
  },
  {
    traceId: ID,
    spanId: CALL,
    parentSpanId: ROOT,
    service: 'cart',
    name: 'GET /cart',
    start: START + 10,
    end: START + 210,
    status: 'error',
    attributes: { 'span.kind': 'server' },
  },
]
const summary = (traceID: string, start: number) => ({
  traceID,
  rootServiceName: 'front',
  rootTraceName: 'GET /buy',
  startTimeUnixNano: nanoseconds(start),
  durationMs: 250,
  spanSets: [{ spans: [], matched: 2 }],
})

describe('traces from Tempo', () => {
  let server: Served
  afterEach(() => server.close())
  const tool = (options: TempoOptions = {}) =>
    liveTraces({
      source: tempo(
        createHttp({ baseUrl: server.url, timeoutMs: 60_000, retries: 0, credentials: { tenant: 'shop' } }),
        options,
      ),
    })

  /** The search finds traces that began in the requested seconds; ids come without leading zeros. */
  const keeping = (all: readonly ReturnType<typeof summary>[], read: (path: string) => object | null) =>
    serve(({ pathname, searchParams }) => {
      if (pathname !== '/api/search') {
        const body = read(pathname)
        return body === null ? null : { body }
      }
      const [start, end] = [Number(searchParams.get('start')) * 1e9, Number(searchParams.get('end')) * 1e9]
      const inside = all.filter(({ startTimeUnixNano: at }) => Number(at) >= start && Number(at) <= end)
      return { body: { traces: inside.slice(0, Number(searchParams.get('limit'))), metrics: { inspectedTraces: 9 } } }
    })

  it('finds traces by TraceQL, each once, and reads them in full', async () => {
    server = await keeping([summary(ID.replace(/^0+/, ''), START)], (path) =>
      path === `/api/v2/traces/${ID}`
        ? { trace: { resourceSpans: resources(START) }, metrics: {}, status: 'COMPLETE' }
        : null,
    )
    const result = await tool({ externalUrl: 'https://grafana.example', datasource: 'tempo-1' }).traces(
      { services: ['cart', 'say "hi"'], range },
      context,
    )
    expect(result.status, result.status === 'failed' ? result.error : '').toBe('ok')
    expect(result.data).toEqual({ traces: 1, spans })
    const traceql = '{ resource.service.name = "cart" || resource.service.name = "say \\"hi\\"" }'
    expect(result.query).toBe(`${traceql} start=${range.start / 1000} end=${range.end / 1000} limit=500`)
    expect(server.asked[0]?.url.searchParams.get('q')).toBe(traceql)
    expect(server.asked[0]?.headers['x-scope-orgid']).toBe('shop')
    expect(server.asked.filter(({ url }) => url.pathname.startsWith('/api/v2/traces'))).toHaveLength(1)
    const panes = JSON.parse(new URL(result.link ?? '').searchParams.get('panes') ?? '')
    expect(panes).toMatchObject({ traces: { datasource: 'tempo-1', queries: [{ query: traceql }] } })
  })

  it('reads them by the v1 API of an older server, with ids in either form', async () => {
    server = await keeping([summary(ID, START)], (path) =>
      path === `/api/traces/${ID}` ? { batches: resources(START, (hex) => hex) } : null,
    )
    const result = await tool().traces({ range }, context)
    expect(result).toMatchObject({ status: 'ok', data: { traces: 1, spans }, link: null, query: expect.stringMatching(/^\{\} /) }) // prettier-ignore
  })

  it('reports what it could not read', async () => {
    const other = 'abcdefabcdefabcdefabcdefabcdefab'
    server = await keeping([summary(ID, START), summary(other, START + 1000)], (path) =>
      path === `/api/v2/traces/${ID}`
        ? { trace: { resourceSpans: resources(START) }, status: 'PARTIAL', message: 'trace exceeds max size' }
        : null,
    )
    const { data, warnings } = await tool().traces({ range }, context)
    expect(data?.traces).toBe(1)
    expect(warnings).toEqual([
      'Tempo returned some traces only in part: trace exceeds max size',
      'some traces that were found could not be read: the source has dropped them or not stored them yet',
    ])
  })

  it('reads traces whose search gave no start, and keeps those in the range', async () => {
    const late = 'abcdefabcdefabcdefabcdefabcdefab'
    server = await serve(({ pathname }) =>
      pathname === '/api/search'
        ? { body: { traces: [ID, late].map((traceID) => ({ traceID, startTimeUnixNano: 0 })) } }
        : { body: { trace: { resourceSpans: resources(pathname.endsWith(late) ? range.end + 1000 : START) } } },
    )
    expect(await tool().traces({ range }, context)).toMatchObject({ status: 'ok', data: { traces: 1, spans } })
  })

  it.each([500, 422])(
    'has nineteen of twenty, and says so, if one is too large for the server (%i)',
    async (status) => {
      const ids = Array.from({ length: 20 }, (_, at) => `${at}`.padStart(32, 'a'))
      server = await serve(({ pathname }) => {
        if (pathname === '/api/search')
          return { body: { traces: ids.map((traceID) => ({ traceID, startTimeUnixNano: nanoseconds(START) })) } }
        if (pathname.endsWith(ids[7]!)) return { status, body: 'trace exceeds max size' }
        return { body: { trace: { resourceSpans: resources(START, () => pathname.slice(-32)) } } }
      })
      const { status: answered, incomplete, data, warnings } = await tool().traces({ range }, context)
      expect({ answered, incomplete, traces: data?.traces }).toEqual({ answered: 'ok', incomplete: true, traces: 19 })
      expect(warnings).toEqual([expect.stringMatching(/^1 of 20 traces could not be read: .*trace exceeds max size/)])
    },
  )

  it('keeps only traces in the range, though searches round to seconds', async () => {
    server = await keeping([summary(ID, range.start + 200)], () => ({
      trace: { resourceSpans: resources(range.start + 200) },
    }))
    const result = await tool().traces({ range: { start: range.start + 300, end: range.end } }, context)
    expect(result.status).toBe('no_data')
    expect(server.asked.every(({ url }) => url.pathname === '/api/search')).toBe(true)
  })

  it("fails with Tempo's error", async () => {
    server = await serve(() => ({ status: 400, body: 'invalid TraceQL query: parse error at line 1, col 3' }))
    const result = await tool().traces({ services: ['cart'], range }, context)
    expect(result.status === 'failed' && result.error).toContain('invalid TraceQL query: parse error')
    expect(result.query).toContain('resource.service.name = "cart"')
  })
})
