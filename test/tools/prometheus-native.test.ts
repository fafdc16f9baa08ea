import { afterAll, beforeAll, expect, it } from 'vitest'
import { createHttp } from '../../agents/tools/http.ts'
import { prometheusMetrics } from '../../agents/tools/prometheus/prometheus.ts'
import { startPrometheus } from '../servers/prometheus.ts'
import { END, FAULT, START } from './measured-service.ts'

let prometheus: Awaited<ReturnType<typeof startPrometheus>>
beforeAll(async () => {
  prometheus = await startPrometheus({
    config: 'otlp:\n  promote_resource_attributes: [service.name]\n',
    flags: ['--web.enable-otlp-receiver'],
  })
  for (let seconds = START; seconds <= END; seconds += 15) await push(seconds)
}, 300_000)
afterAll(() => prometheus?.stop())

/** 10 requests per second of 30 ms; after the fault half of them fail after 900 ms. */
async function push(seconds: number): Promise<void> {
  const [before, since] = [Math.min(seconds, FAULT) - START, Math.max(0, seconds - FAULT)]
  const points = [
    pointOf(seconds, 200, 0.03, before * 10 + since * 5),
    ...(since > 0 ? [pointOf(seconds, 503, 0.9, since * 5)] : []),
  ]
  const exponentialHistogram = { aggregationTemporality: 2, dataPoints: points }
  const metrics = [{ name: 'http.server.request.duration', unit: 's', exponentialHistogram }]
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'cart' } }] }
  const body = JSON.stringify({ resourceMetrics: [{ resource, scopeMetrics: [{ metrics }] }] })
  const headers = { 'content-type': 'application/json' }
  const answered = await fetch(`${prometheus.url}/api/v1/otlp/v1/metrics`, { method: 'POST', headers, body })
  expect(answered.status, await answered.text()).toBe(200)
}

function pointOf(seconds: number, status: number, took: number, count: number) {
  const scale = 3
  return {
    attributes: [{ key: 'http.response.status_code', value: { intValue: status } }],
    startTimeUnixNano: `${START}000000000`,
    timeUnixNano: `${seconds}000000000`,
    count,
    sum: count * took,
    scale,
    positive: { offset: Math.ceil(Math.log2(took) * 2 ** scale) - 1, bucketCounts: [count] },
  }
}

it('has the golden signals of a service with native histograms only', async () => {
  const http = createHttp({ baseUrl: prometheus.url, timeoutMs: 60_000 })
  const { data, warnings } = await prometheusMetrics({ http }).goldenSignals(
    {
      service: 'cart',
      range: { start: FAULT * 1000 + 90_000, end: END * 1000 },
      baseline: { start: START * 1000 + 90_000, end: FAULT * 1000 },
    },
    { signal: new AbortController().signal },
  )
  expect(warnings).toEqual([])
  expect(data?.profile).toBe('otel-http')
  const by = Object.fromEntries((data?.comparison ?? []).map((one) => [one.indicator, one]))
  expect(by['request_rate']?.before).toBeCloseTo(10, 0)
  expect(by['error_ratio']?.before).toBe(0)
  expect(by['error_ratio']?.during).toBeCloseTo(0.5, 1)
  expect(by['latency_p95']?.before).toBeGreaterThan(25)
  expect(by['latency_p95']?.before).toBeLessThan(35)
  expect(by['latency_p95']?.during).toBeGreaterThan(800)
  expect(by['latency_p95']?.during).toBeLessThan(1000)
})
