/** Valid responses of each source about `cart`, as plain JSON for the given query. */

const RANGE = { start: Date.parse('2026-03-01T12:00:00Z'), end: Date.parse('2026-03-01T12:20:00Z') }
export const asked = {
  range: { start: RANGE.start + 600_000, end: RANGE.end },
  baseline: { start: RANGE.start, end: RANGE.start + 600_000 },
}

const minutes = Array.from({ length: 20 }, (_, at) => RANGE.start + at * 60_000 + 30_000)
const iso = (ms: number): string => new Date(ms).toISOString()

/** `null`: the source has no such path. `query` holds the parameters of the URL or the form. */
export function answerTo(path: string, query: URLSearchParams): unknown {
  const found = ANSWERS.find(([pattern]) => pattern.test(path))
  return found === undefined ? null : structuredClone(found[1](query))
}

const ANSWERS: readonly [RegExp, (query: URLSearchParams) => unknown][] = [
  [/^\/api\/v1\/label\/__name__\/values$/, () => ({ status: 'success', data: ['http_requests_total', 'http_request_duration_seconds_bucket', 'container_cpu_usage_seconds_total'] })], // prettier-ignore
  [/^\/api\/v1\/series$/, () => ({ status: 'success', data: [{ __name__: 'http_requests_total', service: 'cart', status: '200', namespace: 'shop' }, { __name__: 'container_cpu_usage_seconds_total', container: 'cart' }] })], // prettier-ignore
  [/^\/api\/v1\/query_range$/, pointsFor],
  [/^\/loki\/api\/v1\/series$/, () => ({ status: 'success', data: [{ service_name: 'cart', pod: 'cart-1' }] })],
  [/^\/loki\/api\/v1\/query_range$/, linesFor],
  [/^\/api\/v2\/services$/, () => ['cart', 'frontend']],
  [/^\/api\/v2\/traces$/, () => minutes.map(zipkinTrace)],
  [/^\/api\/services$/, () => ({ data: ['cart', 'frontend'], errors: null })],
  [/^\/api\/traces$/, () => ({ data: minutes.map(jaegerTrace), errors: null })],
  [/^\/api\/search$/, () => ({ traces: minutes.map((ms, at) => ({ traceID: `${at}a`, startTimeUnixNano: `${ms}000000` })) })], // prettier-ignore
  [/^\/api\/v2\/traces\/.*$/, () => ({ trace: { resourceSpans: [otlp()] }, status: 'COMPLETE' })],
  [/^\/api\/v1\/audit-logs$/, () => page([{ id: 1, timestamp: iso(minutes[3]!), event_type: 'deployment', author: 'ann', service_name: 'cart', summary: 'cart 2.0', changes: { before: { image: '1' }, after: { image: '2' } } }])], // prettier-ignore
  [/^\/api\/v1\/alerts$/, () => page([{ id: 'a1', service_name: 'cart', name: 'slow', summary: 'slow', severity: 'critical', status: 'firing', started_at: iso(minutes[9]!), labels: { team: 'shop' } }])], // prettier-ignore
  [/^\/api\/v1\/resources$/, () => page([{ service_name: 'cart', namespace: 'shop', image_tag: '2', replicas: 2, depends_on: ['payment'] }])], // prettier-ignore
  [/^\/api\/v1\/incidents\//, () => ({ id: '1', title: 'slow', service_name: 'cart', severity: 'high', status: 'open', started_at: iso(minutes[9]!) })], // prettier-ignore
  [/^\/api\/v1\/deployments\//, () => ({ id: '1', service_name: 'cart', image_tag: '2', previous_image_tag: '1', started_at: iso(minutes[8]!), finished_at: null, status: 'done' })], // prettier-ignore
]

const page = (items: unknown[]): unknown => ({ items, pagination: { page: 1, total: items.length, total_pages: 1 } })

function pointsFor(query: URLSearchParams): unknown {
  const [start, end] = [Number(query.get('start')), Number(query.get('end'))]
  const values = Array.from({ length: 30 }, (_, at) => [start + ((end - start) * at) / 29, String(at % 7)])
  return { status: 'success', data: { resultType: 'matrix', result: [{ metric: { pod: 'cart-1' }, values }] } }
}

function linesFor(query: URLSearchParams): unknown {
  const [start, end] = [Number(query.get('start')) / 1e6, Number(query.get('end')) / 1e6]
  const inside = minutes.filter((ms) => ms >= start && ms < end).reverse()
  const values = inside.map((ms, at) => [`${ms}000000`, at % 2 === 0 ? `level=error timeout after ${at} ms` : JSON.stringify({ level: 'info', msg: `request ${at}`, trace_id: 'abc' })]) // prettier-ignore
  return { status: 'success', data: { resultType: 'streams', result: [{ stream: { service_name: 'cart', pod: 'cart-1' }, values: values.slice(0, Number(query.get('limit'))) }] } } // prettier-ignore
}

const zipkinTrace = (ms: number, at: number): unknown => [
  { traceId: `z${at}`, id: '1', name: 'get /', kind: 'SERVER', timestamp: ms * 1000, duration: 90_000, localEndpoint: { serviceName: 'frontend' }, tags: { 'http.status_code': '200' } }, // prettier-ignore
  { traceId: `z${at}`, id: '2', parentId: '1', name: 'get /cart', kind: 'SERVER', shared: true, timestamp: ms * 1000 + 10, duration: 50_000, localEndpoint: { serviceName: 'cart' }, tags: { error: 'true' } }, // prettier-ignore
]

const jaegerTrace = (ms: number, at: number): unknown => ({
  traceID: `j${at}`,
  spans: [
    { traceID: `j${at}`, spanID: 'a', operationName: 'GET /', references: [], startTime: ms * 1000, duration: 90_000, tags: [{ key: 'span.kind', value: 'server' }], processID: 'p1' }, // prettier-ignore
    { traceID: `j${at}`, spanID: 'b', operationName: 'GET /cart', references: [{ refType: 'CHILD_OF', traceID: `j${at}`, spanID: 'a' }], startTime: ms * 1000 + 10, duration: 50_000, tags: [{ key: 'error', value: true }], processID: 'p2' }, // prettier-ignore
  ],
  processes: { p1: { serviceName: 'frontend' }, p2: { serviceName: 'cart' } },
})

const otlp = (): unknown => ({
  resource: { attributes: [{ key: 'service.name', value: { stringValue: 'cart' } }] },
  scopeSpans: [
    { spans: [{ traceId: 'aa', spanId: 'bb', name: 'GET /cart', kind: 'SPAN_KIND_SERVER', startTimeUnixNano: `${minutes[12]!}000000`, endTimeUnixNano: `${minutes[12]! + 50}000000`, attributes: [{ key: 'http.response.status_code', value: { intValue: '500' } }], status: { code: 2 } }] }, // prettier-ignore
  ],
})
