import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createHttp } from '../../agents/tools/http.ts'
import { prometheusMetrics } from '../../agents/tools/prometheus/prometheus.ts'
import type { MetricsAnswer, MetricsQuery } from '../../agents/tools/tools.ts'
import { openMetrics, startPrometheus } from '../servers/prometheus.ts'
import { END, FAULT, requests, samples, START } from './measured-service.ts'

const elapsedAtFault = FAULT - START
/** What grows by one rate before the fault and by another from it on. */
const growing = (before: number, during: number) => (elapsed: number) =>
  before * Math.min(elapsed, elapsedAtFault) + during * Math.max(0, elapsed - elapsedAtFault)

const mesh = (workload: string, code: string) => ({ destination_workload: workload, reporter: 'destination', response_code: code }) // prettier-ignore
const grpcInMesh = (status: string) => ({ ...mesh('currency', '200'), grpc_response_status: status })
const spring = (application: string) => ({ application, status: '200' })

const history = openMetrics([
  ...samples('istio_requests_total', grpcInMesh('0'), growing(10, 4)),
  ...samples('istio_requests_total', grpcInMesh('5'), growing(0, 1)),
  ...samples('istio_requests_total', grpcInMesh('14'), growing(0, 5)),
  ...samples('istio_requests_total', mesh('currency', '503'), growing(0, 2)),
  ...samples('http_server_requests_seconds_count', spring('billing'), growing(10, 10)),
  ...samples('http_server_requests_seconds_sum', spring('billing'), growing(0.2, 9)),
  ...samples('http_server_requests_seconds_max', spring('billing'), (elapsed) => (elapsed > elapsedAtFault ? 2 : 0.05)),
  ...requests({
    counter: 'http_server_requests_seconds_count',
    buckets: 'http_server_requests_seconds_bucket',
    labels: { application: 'bucketed' },
    good: { status: '200' },
    failed: { status: '500' },
  }),
  ...samples('http_server_requests_seconds_sum', spring('bucketed'), growing(1, 1)),
  ...samples('http_server_requests_seconds_count', spring('counted'), growing(10, 10)),
  ...requests({
    counter: 'http.server.request.duration_seconds_count',
    buckets: 'http.server.request.duration_seconds_bucket',
    labels: { 'service.name': 'dotted', 'k8s.namespace.name': 'shop' },
    good: { 'http.response.status_code': '200' },
    failed: { 'http.response.status_code': '500' },
  }),
  ...samples('http_server_request_duration_seconds_count', { service_name: 'hung', http_response_status_code: '200' }, growing(10, 5)), // prettier-ignore
  ...samples('http_server_request_duration_seconds_count', { service_name: 'hung', error_type: 'timeout' }, growing(0, 5)), // prettier-ignore
])

const context = { signal: new AbortController().signal }
const range = { start: FAULT * 1000 + 90_000, end: END * 1000 }
const baseline = { start: START * 1000 + 90_000, end: FAULT * 1000 }
const byName = (data: MetricsAnswer | null) =>
  Object.fromEntries((data?.comparison ?? []).map((one) => [one.indicator, one]))

describe('metrics under customs of their own', () => {
  let prometheus: Awaited<ReturnType<typeof startPrometheus>>
  beforeAll(async () => {
    prometheus = await startPrometheus({ openMetrics: history })
  }, 300_000)
  afterAll(() => prometheus?.stop())

  const signals = (service: string, more: Partial<MetricsQuery> = {}) =>
    prometheusMetrics({ http: createHttp({ baseUrl: prometheus.url, timeoutMs: 15_000 }) }).goldenSignals(
      { service, range, baseline, ...more },
      context,
    )

  it('has the failures of gRPC in a mesh, which come with HTTP 200, and those of HTTP beside them', async () => {
    const by = byName((await signals('currency')).data)
    expect(by['error_ratio']?.before).toBe(0)
    expect(by['error_ratio']?.during).toBeCloseTo(7 / 12, 2)
    expect(by['error_rate']?.during).toBeCloseTo(7, 1)
  })

  it('has a request as failed that got no status but a kind of error', async () => {
    const by = byName((await signals('hung')).data)
    expect(by['error_ratio']).toMatchObject({ before: 0 })
    expect(by['error_ratio']?.during).toBeCloseTo(0.5, 2)
  })

  it('has the mean and the longest latency where there are no buckets, whatever others have', async () => {
    const { data, warnings } = await signals('billing')
    const by = byName(data)
    expect(by['latency_mean']).toMatchObject({ unit: 'ms' })
    expect(by['latency_mean']?.before).toBeCloseTo(20, 1)
    expect(by['latency_mean']?.during).toBeCloseTo(900, 0)
    expect(by['latency_max']).toMatchObject({ unit: 'ms', before: 50, during: 2000 })
    expect(warnings).toEqual([])
    expect(Object.keys(byName((await signals('bucketed')).data)).sort()).toEqual(
      ['error_rate', 'error_ratio', 'latency_p50', 'latency_p95', 'latency_p99', 'request_rate'].sort(),
    )
  })

  it('is said to have no latency where requests are counted only', async () => {
    expect((await signals('counted')).warnings).toEqual([
      'latency of counted is not measured: http_server_requests_seconds_count has no histogram, sum or maximum beside it',
    ])
    expect((await signals('counted', { indicator: 'request_rate' })).warnings).toEqual([])
  })

  it('is found under the names of OTLP as they are, with dots', async () => {
    const { data, warnings } = await signals('dotted', { namespace: 'shop' })
    expect(warnings).toEqual([])
    const by = byName(data)
    expect(data?.profile).toBe('otel-http')
    expect(by['request_rate']?.during).toBeCloseTo(10, 0)
    expect(by['error_ratio']?.during).toBeCloseTo(0.2, 1)
    expect(by['latency_p95']?.during).toBeGreaterThan(500)
  })
})
