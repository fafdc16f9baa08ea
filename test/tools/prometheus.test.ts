import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createHttp } from '../../agents/tools/http.ts'
import { prometheusMetrics } from '../../agents/tools/prometheus/prometheus.ts'
import { openMetrics, type Sample, startPrometheus } from '../servers/prometheus.ts'

const END = Math.floor(Date.now() / 1000) - 60
const START = END - 30 * 60
const FAULT = END - 10 * 60
const context = { signal: new AbortController().signal }

/** Counters and a histogram as a service would have counted them: 10 requests a second, slow and a fifth failing from the fault on. */
function* service(
  metric: { total: string; buckets: string; scale: number },
  labels: Record<string, string>,
  failed: Record<string, string>,
): Generator<Sample> {
  const edges = [0.01, 0.05, 0.1, 0.5, 1, 5].map((edge) => edge * metric.scale)
  let good = 0
  let bad = 0
  const counts = edges.map(() => 0)
  for (let seconds = START; seconds <= END; seconds += 15) {
    const faulty = seconds > FAULT
    good += faulty ? 120 : 150
    bad += faulty ? 30 : 0
    const took = (faulty ? 0.8 : 0.03) * metric.scale
    edges.forEach((edge, index) => (counts[index] = (counts[index] ?? 0) + (took <= edge ? 150 : 0)))
    yield { name: metric.total, labels: { ...labels, ...withStatus(failed, '200') }, seconds, value: good }
    if (faulty) yield { name: metric.total, labels: { ...labels, ...failed }, seconds, value: bad }
    for (const [index, edge] of edges.entries())
      yield { name: metric.buckets, labels: { ...labels, le: String(edge) }, seconds, value: counts[index] ?? 0 }
    yield { name: metric.buckets, labels: { ...labels, le: '+Inf' }, seconds, value: good + bad }
  }
}
const withStatus = (failed: Record<string, string>, status: string) =>
  Object.fromEntries(Object.keys(failed).map((name) => [name, status]))

function* resources(): Generator<Sample> {
  for (let seconds = START; seconds <= END; seconds += 15) {
    yield {
      name: 'container_cpu_usage_seconds_total',
      labels: { container: 'cart', pod: 'cart-1' },
      seconds,
      value: (seconds - START) * 0.4,
    }
    yield {
      name: 'container_memory_working_set_bytes',
      labels: { container: 'cart', pod: 'cart-1' },
      seconds,
      value: 256e6,
    }
    yield {
      name: 'node_cpu_seconds_total',
      labels: { nodename: 'worker-1', mode: 'idle' },
      seconds,
      value: (seconds - START) * 0.25,
    }
  }
}

const classic = { total: 'http_requests_total', buckets: 'http_request_duration_seconds_bucket', scale: 1 }
const history = openMetrics([
  ...service(classic, { job: 'cart', namespace: 'shop' }, { status: '500' }),
  ...service(classic, { app: 'we"ird\\name' }, { code: '503' }),
  ...service(
    {
      total: 'http_server_request_duration_seconds_count',
      buckets: 'http_server_request_duration_seconds_bucket',
      scale: 1,
    },
    { service_name: 'checkout' },
    { http_response_status_code: '500' },
  ),
  ...service(
    { total: 'istio_requests_total', buckets: 'istio_request_duration_milliseconds_bucket', scale: 1000 },
    { destination_workload: 'payment', reporter: 'destination' },
    { response_code: '500' },
  ),
  ...resources(),
])

describe('golden signals from Prometheus', () => {
  let prometheus: Awaited<ReturnType<typeof startPrometheus>>
  beforeAll(async () => {
    prometheus = await startPrometheus({ openMetrics: history })
  }, 300_000)
  afterAll(() => prometheus?.stop())

  const tool = (options: Partial<Parameters<typeof prometheusMetrics>[0]> = {}) =>
    prometheusMetrics({ http: createHttp({ baseUrl: prometheus.url, timeoutMs: 15_000 }), ...options })
  const range = { start: FAULT * 1000 + 90_000, end: END * 1000 }
  const baseline = { start: START * 1000 + 90_000, end: FAULT * 1000 }

  it.each([
    ['cart', 'http-requests'],
    ['we"ird\\name', 'http-requests'],
    ['checkout', 'otel-http'],
    ['payment', 'istio'],
  ])('finds how %j is measured, and compares before with during', async (service, profile) => {
    const result = await tool().goldenSignals({ service, range, baseline }, context)
    expect(result.status, result.status === 'failed' ? result.error : '').toBe('ok')
    expect(result.data?.profile.startsWith(profile)).toBe(true)
    const by = Object.fromEntries(result.data!.comparison.map((one) => [one.indicator, one]))
    expect(by['request_rate']?.before).toBeCloseTo(10, 0)
    expect(by['error_ratio']?.before).toBe(0)
    expect(by['error_ratio']?.during).toBeCloseTo(0.2, 1)
    expect(by['latency_p95']?.before).toBeLessThan(100)
    expect(by['latency_p95']?.during).toBeGreaterThan(400)
    expect(result.query).toContain('histogram_quantile')
    expect(result.link).toContain(prometheus.url)
  })

  it('adds what the container uses, where that is measured', async () => {
    const result = await tool().goldenSignals({ service: 'cart', range, signals: ['saturation'] }, context)
    expect(result.data?.series.map((series) => series.indicator).sort()).toEqual(['cpu', 'memory'])
    expect(result.data?.series.find((series) => series.indicator === 'cpu')?.values[0]).toBeCloseTo(0.4, 1)
  })

  it('asks about a node under its own name', async () => {
    const result = await tool().goldenSignals({ service: 'worker-1', range }, context)
    expect(result.data?.series.find((series) => series.indicator === 'host_cpu')?.values[0]).toBeCloseTo(0.75, 1)
  })

  it('asks one indicator again, to verify', async () => {
    const result = await tool().goldenSignals({ service: 'cart', indicator: 'latency_p95', range }, context)
    expect(new Set(result.data?.series.map((series) => series.indicator))).toEqual(new Set(['latency_p95']))
  })

  it('has no data, which is not zero, for a service nobody measures', async () => {
    const result = await tool().goldenSignals({ service: 'nobody', range }, context)
    expect(result).toMatchObject({ status: 'no_data', data: null })
    expect(result.query).toContain('nobody')
  })

  it('takes own PromQL and another name for a service', async () => {
    const mapping = {
      names: { basket: 'cart' },
      indicators: { orders: 'sum(rate(http_requests_total{job=$service}[$window]))' },
    }
    const result = await tool({ mapping }).goldenSignals({ service: 'basket', indicator: 'orders', range }, context)
    expect(result.data?.series[0]).toMatchObject({ service: 'basket', indicator: 'orders' })
    expect(result.data?.series[0]?.values[0]).toBeCloseTo(10, 0)
  })

  it('never asks for more points than the server answers', async () => {
    const long = { start: range.end - 40 * 24 * 3600_000, end: range.end }
    const result = await tool().goldenSignals(
      { service: 'cart', indicator: 'request_rate', range: long, stepS: 1 },
      context,
    )
    expect(result.status).toBe('ok')
  })

  it('gives the server’s own words when it refuses a query', async () => {
    const mapping = { indicators: { broken: 'sum(rate(' } }
    const result = await tool({ mapping }).goldenSignals({ service: 'cart', indicator: 'broken', range }, context)
    expect(result.status).toBe('failed')
    expect(result.status === 'failed' ? result.error : '').toMatch(/parse error|unclosed/)
  })
})
