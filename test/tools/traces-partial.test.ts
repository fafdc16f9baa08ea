/** Incomplete traces as Jaeger, Tempo and Zipkin return them: the available spans are read. */
import { onTestFinished, expect, it } from 'vitest'
import { placeSpans } from '../../analysis/traces/tree.ts'
import { createHttp } from '../../agents/tools/http.ts'
import { jaeger } from '../../agents/tools/traces/jaeger.ts'
import type { TraceSource } from '../../agents/tools/traces/source.ts'
import { tempo } from '../../agents/tools/traces/tempo.ts'
import { liveTraces } from '../../agents/tools/traces/traces.ts'
import { zipkin } from '../../agents/tools/traces/zipkin.ts'
import type { Http } from '../../agents/tools/http.ts'
import { serve } from './served.ts'

const range = { start: Date.parse('2026-03-01T12:00:00Z'), end: Date.parse('2026-03-01T12:10:00Z') }
const at = (ms: number): number => (range.start + 30_000 + ms) * 1000

/** What is read from these responses by path; a path may be a prefix. */
async function read(source: (http: Http) => TraceSource, service: string, answers: Record<string, unknown>) {
  const server = await serve(({ pathname }) => {
    const found = Object.entries(answers).find(([path]) => pathname.startsWith(path))
    return found === undefined ? null : { body: found[1] }
  })
  onTestFinished(() => server.close())
  const tool = liveTraces({ source: source(createHttp({ baseUrl: server.url, timeoutMs: 60_000, retries: 0 })) })
  const result = await tool.traces({ services: [service], range }, { signal: new AbortController().signal })
  expect(result.status, result.status === 'failed' ? result.error : '').toBe('ok')
  return { spans: result.data?.spans ?? [], warnings: result.warnings ?? [] }
}

it("reads Jaeger's spans below a missing parent", async () => {
  const span = (spanID: string, parent: string, processID: string, operationName: string, ms: number) => ({
    ...{
      traceID: 'ef5d',
      spanID,
      flags: 1,
      operationName,
      startTime: at(ms),
      duration: 20_000,
      tags: [],
      logs: [],
      processID,
    },
    references: [{ refType: 'CHILD_OF', traceID: 'ef5d', spanID: parent }],
    warnings: ['invalid parent span IDs=ce85; skipping clock skew adjustment'],
  })
  const processes = { p1: { serviceName: 'checkout', tags: [] }, p2: { serviceName: 'payment', tags: [] } }
  const trace = { traceID: 'ef5d', spans: [span('aa', 'ce85', 'p1', 'POST /checkout', 0), span('bb', 'aa', 'p2', 'charge', 1)], processes, warnings: null } // prettier-ignore
  const body = (data: unknown) => ({ data, total: 0, limit: 0, offset: 0, errors: null })
  const { spans } = await read(jaeger, 'checkout', { '/api/services': body(['checkout', 'payment']), '/api/traces': body([trace]) }) // prettier-ignore
  expect(spans.map(({ service, name }) => `${service} ${name}`)).toEqual(['checkout POST /checkout', 'payment charge'])
  expect(placeSpans(spans).map(({ parent }) => parent?.service)).toEqual([undefined, 'checkout'])
})

it('reads a Tempo trace whose root the search did not have yet', async () => {
  const resource = (service: string, spanId: string, parentSpanId: string, ms: number) => ({
    resource: { attributes: [{ key: 'service.name', value: { stringValue: service } }] },
    scopeSpans: [{ spans: [{ traceId: '0abc'.padEnd(32, '0'), spanId, parentSpanId, name: 'GET /', kind: 'SPAN_KIND_SERVER', startTimeUnixNano: `${at(ms)}000`, endTimeUnixNano: `${at(ms + 32)}000`, attributes: [], status: {} }] }], // prettier-ignore
  })
  const found = { traceID: 'abc'.padEnd(31, '0'), rootServiceName: '<root span not yet received>', startTimeUnixNano: `${at(0)}000`, durationMs: 32, spanSet: { spans: [], matched: 1 } } // prettier-ignore
  const trace = { resourceSpans: [resource('envoy', '00f067aa0ba902b1', '', -1000), resource('cart', '00f067aa0ba902b7', '00f067aa0ba902b1', 0)] } // prettier-ignore
  const { spans } = await read(tempo, 'cart', { '/api/search': { traces: [found] }, '/api/v2/traces/': { trace, status: 'COMPLETE' } }) // prettier-ignore
  expect(placeSpans(spans).map(({ span, parent }) => [span.service, parent?.service])).toEqual([['envoy', undefined], ['cart', 'envoy']]) // prettier-ignore
})

it("reads Zipkin's timed spans, and reports those with annotations only as left out", async () => {
  const trace = [
    { traceId: 'd904', id: 'd904', kind: 'CLIENT', name: 'get', timestamp: at(0), duration: 200_000, localEndpoint: { serviceName: 'a' } }, // prettier-ignore
    { traceId: 'd904', id: '0005', parentId: 'd904', kind: 'SERVER', name: '/b', localEndpoint: { serviceName: 'b' }, annotations: [{ timestamp: at(10), value: 'sr' }, { timestamp: at(190), value: 'ss' }] }, // prettier-ignore
  ]
  const { spans, warnings } = await read(zipkin, 'b', { '/api/v2/services': ['a', 'b'], '/api/v2/traces': [trace] })
  expect(spans).toMatchObject([{ service: 'a', name: 'get', start: range.start + 30_000, end: range.start + 30_200 }])
  expect(warnings.join()).toMatch(/left out/)
})
