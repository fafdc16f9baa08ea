/** Reported cases: harmless changes that looked like incidents, and incidents among harmless changes. */
import { describe, expect, it } from 'vitest'
import { diagnose } from '../../analysis/diagnose.ts'
import type { LogLine, Observations, Series, Span } from '../../analysis/observations.ts'
import { summaryOf } from '../../analysis/summary.ts'
import { randomFrom } from '../../bench/rankings/measures.ts'

const [SECOND, MINUTE, HOUR] = [1_000, 60_000, 3_600_000]
const START = Date.UTC(2026, 2, 1, 22)
const FAULT = START + 40 * MINUTE
const END = START + 50 * MINUTE

interface Told extends Partial<Omit<Series, 'times' | 'values'>> {
  from?: number
  to?: number
  step?: number
}

let seed = 0
/** A level that may change over time, with a few percent of noise. */
function noisy(
  service: string,
  indicator: string,
  level: (time: number) => number,
  { from = START, to = END, step = 15 * SECOND, ...more }: Told = {},
): Series {
  const random = randomFrom((seed += 1))
  const times = Float64Array.from({ length: Math.floor((to - from) / step) }, (_, n) => from + n * step)
  return { service, indicator, times, values: times.map((time) => level(time) * (0.95 + 0.1 * random())), ...more }
}
const stepped = (before: number, during: number) => (time: number) => (time < FAULT ? before : during)

const lines = (service: string, message: string, everyMs: number, from = START, level = 'INFO'): LogLine[] =>
  Array.from({ length: Math.floor((END - from) / everyMs) }, (_, n) => ({ timestamp: from + n * everyMs, service, level, message: `${message} ${n}` })) // prettier-ignore

function ask(parts: Partial<Observations>) {
  const [window, baseline] = [
    { start: FAULT - MINUTE, end: END },
    { start: START, end: FAULT - MINUTE },
  ]
  const verdict = diagnose({ window, baseline, series: [], logs: [], spans: [], edges: [], changes: [], ...parts })
  const summary = summaryOf(verdict).map(({ en }) => en).join(' ') // prettier-ignore
  return { verdict: verdict.verdict, cause: verdict.rootCauses[0]?.service, change: verdict.rootCauses[0]?.changeId, summary } // prettier-ignore
}

describe('an incident', () => {
  it('blames the shrunken pool, not a release just before it', () => {
    const changes = [
      {
        id: 'pool',
        timestamp: FAULT - 20 * SECOND,
        type: 'CONFIG_UPDATE',
        service: 'orders',
        summary: 'POOL_MAX 50 to 2',
      },
      { id: 'release', timestamp: FAULT - 7 * MINUTE, type: 'DEPLOYMENT', service: 'catalog', summary: 'v2.0' },
    ]
    const quiet = ['catalog', 'cart'].flatMap((service) => [noisy(service, 'latency_p95', () => 30), noisy(service, 'error_ratio', () => 0.001)]) // prettier-ignore
    const series = [
      noisy('orders', 'error_ratio', stepped(0.001, 0.35)),
      noisy('orders', 'latency_p95', stepped(40, 900)),
      noisy('frontend', 'error_ratio', stepped(0.001, 0.05)),
      ...quiet,
    ]
    const logs = [...lines('orders', 'stored order', 2 * SECOND), ...lines('orders', 'no connection free after ms', 4 * SECOND, FAULT, 'ERROR')] // prettier-ignore
    const edges = ['orders', 'catalog', 'cart'].map((to) => ({ from: 'frontend', to }))
    expect(ask({ series, logs, edges, changes })).toMatchObject({
      verdict: 'incident',
      cause: 'orders',
      change: 'pool',
    })
  })

  it('does not report a separate fault for a callee that only gets fewer requests and retries', () => {
    const traces = Array.from({ length: 1500 }, (_, n) => START + n * 2 * SECOND).flatMap((start, n): Span[] => {
      const [way, convert] = [start < FAULT ? 1 : 150, { traceId: `${n}`, name: 'convert' }]
      const end = start + 15 + 2 * way + (n % 7)
      return [
        { traceId: `${n}`, spanId: 'a', service: 'checkout', name: 'POST /buy', start, end: end + 15 },
        { ...convert, spanId: 'b', parentSpanId: 'a', service: 'checkout', start: start + 5, end, attributes: { 'span.kind': 'client' } }, // prettier-ignore
        { ...convert, spanId: 'c', parentSpanId: 'b', service: 'currency', start: start + 5 + way, end: start + 8 + way, attributes: { 'span.kind': 'server' } }, // prettier-ignore
      ]
    })
    const series = [
      noisy('checkout', 'latency_p95', stepped(90, 700)),
      ...['checkout', 'currency', 'payment'].map((service) => noisy(service, 'request_rate', stepped(60, 30))),
    ]
    const logs = [...lines('payment', 'charged', 4 * SECOND), ...lines('payment', 'order not found, retrying', 12 * SECOND, FAULT, 'WARN')] // prettier-ignore
    const edges = ['currency', 'payment'].map((to) => ({ from: 'checkout', to }))
    const told = ask({ series, logs, spans: traces, edges })
    expect(told).toMatchObject({ verdict: 'incident', cause: 'currency' })
    expect(told.summary).not.toMatch(/unrelated problem/i)
  })

  it('takes the onset from the metrics if the alert time is the year 1 or in the future', () => {
    const series = [noisy('cart', 'error_ratio', stepped(0.001, 0.25)), noisy('db', 'latency_p95', () => 20)]
    for (const since of [Date.parse('0001-01-01T00:00:00Z'), END + 300 * 24 * HOUR]) {
      const alert = { service: 'cart', summary: 'HighErrorRate', labels: {}, since }
      expect(ask({ series, alert })).toMatchObject({ verdict: 'incident', cause: 'cart', summary: expect.stringMatching(/since 2026-03-01 22:(?:39|40)/) }) // prettier-ignore
    }
  })
})

describe('no incident', () => {
  it('gives an all-clear for a healthy release with new pod names', () => {
    const pods = ['5d6f7-a', '5d6f7-b', '9c8b7-d', '9c8b7-e'].flatMap((name, n) => {
      const life = { instance: `api-${name}`, ...(n < 2 ? { from: START, to: FAULT } : { from: FAULT }) }
      return [
        noisy('api', 'latency_p95', () => 80, life),
        noisy('api', 'request_rate', () => 25, life),
        noisy('api', 'process_resident_memory_bytes', (time) => 2e8 + (time - life.from), life),
      ]
    })
    const change = { id: 'd', timestamp: FAULT - 30 * SECOND, type: 'DEPLOYMENT', service: 'api', summary: '1.4.2' }
    expect(ask({ series: [...pods, noisy('db', 'latency_p95', () => 8)], changes: [change] }).verdict).toBe('nothing_wrong') // prettier-ignore
  })

  it('gives an all-clear for a counter with three resets', () => {
    const since = (time: number): number => time - [FAULT + 7 * MINUTE, FAULT + 4 * MINUTE, FAULT + 2 * MINUTE, START].find((at) => at <= time)! // prettier-ignore
    const counter = noisy('svc', 'requests_total', () => 1)
    const series = [
      { ...counter, values: counter.times.map((time) => since(time) / 20) },
      noisy('svc', 'error_ratio', () => 0.002),
      noisy('svc', 'latency_p95', () => 40),
      noisy('other', 'request_rate', () => 30),
    ]
    expect(ask({ series }).verdict).toBe('nothing_wrong')
  })

  it('gives an all-clear for a nightly job', () => {
    const from = START - 5 * 24 * HOUR
    const window = { start: START - 15 * MINUTE, end: START + 30 * MINUTE }
    const job = (time: number): number => ((time - START + 24 * 7 * HOUR) % (24 * HOUR) < HOUR ? 85 : 20)
    const series = ['node-a', 'node-b'].flatMap((node) => ['host_cpu', 'disk'].map((indicator) => noisy(node, indicator, job, { from, to: window.end, step: 5 * MINUTE }))) // prettier-ignore
    expect(ask({ window, baseline: { start: from, end: window.start }, series }).verdict).toBe('nothing_wrong')
  })
})
