import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createHttp } from '../../agents/tools/http.ts'
import { prometheusMetrics } from '../../agents/tools/prometheus/prometheus.ts'
import { openMetrics, startPrometheus } from '../servers/prometheus.ts'
import { END, FAULT, requests, samples, START } from './measured-service.ts'

const context = { signal: new AbortController().signal }

const classic = { counter: 'http_requests_total', buckets: 'http_request_duration_seconds_bucket' }
const history = openMetrics([
  ...requests({
    ...classic,
    labels: { job: 'cart', namespace: 'shop' },
    good: { status: '200' },
    failed: { status: '500' },
  }),
  ...requests({ ...classic, labels: { app: 'we"ird\\name' }, good: { code: '200' }, failed: { code: '503' } }),
  ...samples('container_cpu_usage_seconds_total', { container: 'cart', pod: 'cart-1' }, (elapsed) => elapsed * 0.4),
  ...samples('container_memory_working_set_bytes', { container: 'cart', pod: 'cart-1' }, () => 256e6),
])

describe('golden signals from Prometheus', () => {
  let prometheus: Awaited<ReturnType<typeof startPrometheus>>
  beforeAll(async () => {
    prometheus = await startPrometheus({ openMetrics: history })
  }, 300_000)
  afterAll(() => prometheus?.stop())

  const tool = (options: Partial<Parameters<typeof prometheusMetrics>[0]> = {}) =>
    prometheusMetrics({ http: createHttp({ baseUrl: prometheus.url, timeoutMs: 60_000 }), ...options })
  const range = { start: FAULT * 1000 + 90_000, end: END * 1000 }
  const baseline = { start: START * 1000 + 90_000, end: FAULT * 1000 }

  it.each([
    ['cart', 'http-requests'],
    ['we"ird\\name', 'http-requests'],
  ])('finds the convention of %j, and compares before with during', async (service, profile) => {
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

  it('does not report the first rates of a new service as rising traffic', async () => {
    const young = { start: (START - 600) * 1000, end: FAULT * 1000 }
    const { data } = await tool().goldenSignals({ service: 'cart', range: young }, context)
    const valuesOf = (name: string) => data?.series.find(({ indicator }) => indicator === name)?.values ?? []
    expect(Math.min(...valuesOf('request_rate'))).toBeGreaterThan(9)
    expect(Math.min(...valuesOf('cpu'))).toBeGreaterThan(0.36)
    const firstMinute = { start: (START - 600) * 1000, end: (START + 45) * 1000 }
    const first = await tool().goldenSignals({ service: 'cart', range: firstMinute }, context)
    expect(first.data?.series.map(({ indicator }) => indicator)).toContain('request_rate')
  })

  it.each([
    ['as far apart as the samples', 30, 15],
    ['closer together in a short time', 10, 5],
  ])('has points %s', async (_about, minutes, apart) => {
    const { data } = await tool().goldenSignals({ service: 'cart', range: { start: range.end - minutes * 60_000, end: range.end } }, context) // prettier-ignore
    for (const { times } of data!.series) expect(times.at(-1)! - times.at(-2)!).toBe(apart * 1000)
    expect(data!.series.length).toBeGreaterThan(5)
  })

  it('has its last point at the end of the time range, whatever its length', async () => {
    const { data } = await tool().goldenSignals({ service: 'cart', range: { start: range.end - 1_813_000, end: range.end } }, context) // prettier-ignore
    for (const { times } of data!.series) expect(times.at(-1)).toBe(range.end)
  })

  it('adds container usage if measured', async () => {
    const result = await tool().goldenSignals({ service: 'cart', range, signals: ['saturation'] }, context)
    expect(result.data?.series.map((series) => series.indicator).sort()).toEqual(['cpu', 'memory'])
    expect(result.data?.series.find((series) => series.indicator === 'cpu')?.values[0]).toBeCloseTo(0.4, 1)
  })

  it('queries one indicator again, for verification', async () => {
    const result = await tool().goldenSignals({ service: 'cart', indicator: 'latency_p95', range }, context)
    expect(new Set(result.data?.series.map((series) => series.indicator))).toEqual(new Set(['latency_p95']))
  })

  it('has no data, which is not zero, for an unknown service', async () => {
    const result = await tool().goldenSignals({ service: 'nobody', range }, context)
    expect(result).toMatchObject({ status: 'no_data', data: null })
    expect(result.query).toContain('nobody')
  })

  it('uses configured PromQL and a configured name', async () => {
    const mapping = {
      names: { basket: 'cart' },
      indicators: { orders: 'sum(rate(http_requests_total{job=$service}[$window]))' },
    }
    const result = await tool({ mapping }).goldenSignals({ service: 'basket', indicator: 'orders', range }, context)
    expect(result.data?.series[0]).toMatchObject({ service: 'basket', indicator: 'orders' })
    expect(result.data?.series[0]?.values[0]).toBeCloseTo(10, 0)
  })

  it('never requests more points than the server allows', async () => {
    const long = { start: range.end - 40 * 24 * 3600_000, end: range.end }
    const result = await tool().goldenSignals(
      { service: 'cart', indicator: 'request_rate', range: long, stepS: 1 },
      context,
    )
    expect(result.status).toBe('ok')
  })

  it("reports the server's error for a refused query", async () => {
    const mapping = { indicators: { broken: 'sum(rate(' } }
    const result = await tool({ mapping }).goldenSignals({ service: 'cart', indicator: 'broken', range }, context)
    expect(result.status).toBe('failed')
    expect(result.status === 'failed' ? result.error : '').toMatch(/parse error|unclosed/)
    expect(result.query).toBe('sum(rate(')
  })
})
