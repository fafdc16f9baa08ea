/** Deviations that few observations show by chance are not an incident. */
import { describe, expect, it } from 'vitest'
import { diagnose } from '../../analysis/diagnose.ts'
import type { LogLine, Observations, Series, Span } from '../../analysis/observations.ts'
import { compareTraces } from '../../analysis/traces/compare.ts'
import type { Verdict } from '../../analysis/verdict.ts'

const MINUTE = 60_000
const WINDOW = { start: 60 * MINUTE, end: 90 * MINUTE }
const BASELINE = { start: 0, end: 60 * MINUTE }
const asked = (parts: Partial<Observations>) =>
  diagnose({ window: WINDOW, baseline: BASELINE, series: [], logs: [], spans: [], edges: [], changes: [], ...parts })

const span = (n: number, from: number, everyMs: number, more: Partial<Span> = {}): Span => ({
  traceId: `${from}-${n}`,
  spanId: 'a',
  service: 'cart',
  name: 'add',
  start: from + n * everyMs,
  end: from + n * everyMs + 10 + (n % 3),
  ...more,
})
const spans = (count: number, from: number, everyMs: number, more: (n: number) => Partial<Span> = () => ({})): Span[] =>
  Array.from({ length: count }, (_, n) => span(n, from, everyMs, more(n)))

describe('not an incident', () => {
  it('new log templates in a service that often logs new ones', () => {
    const line = (timestamp: number, message: string, level: string): LogLine => ({ timestamp, service: 'cart', level, message }) // prettier-ignore
    const words = 'slow retry cold stale late odd long wide'.split(' ')
    const warned = (n: number): string =>
      `${words[n % 8]} ${words[(n + 3) % 8]}${words[n % 7]} noticed in ${words[(n * 5) % 8]}`
    const logs = [
      ...Array.from({ length: 300 }, (_, n) => line(n * 18_000, `added item ${n}`, 'INFO')),
      ...[0, 1, 2].map((n) => line(n * 10 * MINUTE, warned(n), 'WARN')),
      line(62 * MINUTE, 'the cache of prices was rebuilt', 'WARN'),
      line(71 * MINUTE, 'no answer of the broker within its time', 'WARN'),
    ]
    expect(asked({ logs }).verdict).not.toBe('incident')
  })

  it('three errors in thousands of spans, compared with a few clean ones', () => {
    const before = spans(10, 0, 6 * MINUTE)
    const during = spans(3_000, WINDOW.start, 500, (n) => (n % 1_000 === 5 ? { status: 'error' } : {}))
    expect(asked({ spans: [...before, ...during] }).verdict).not.toBe('incident')
    expect(compareTraces(before, during).findings).toEqual([])
  })

  it('a single non-zero sample, and one failure in a million', () => {
    const times = Float64Array.from({ length: 18 }, (_, n) => n * 5 * MINUTE)
    const errors = (indicator: string, from: number, to: number, value: number): Series => ({
      service: 'cart',
      indicator,
      times,
      values: times.map((_, n) => (n >= from && n < to ? value : 0)),
    })
    expect(asked({ series: [errors('error_ratio', 12, 18, 1e-6)] }).verdict).toBe('nothing_wrong')
    expect(asked({ series: [errors('errors', 14, 15, 1e-6)] }).verdict).toBe('nothing_wrong')
    expect(asked({ series: [errors('error_ratio', 13, 18, 0.2)] }).verdict).toBe('incident')
  })

  it('spans whose parents lie just before the onset', () => {
    const straddling = (n: number): Span[] => {
      const start = n * MINUTE + 55_000
      return [
        { traceId: `${n}`, spanId: 'a', service: 'front', name: 'GET', start, end: start + 8_000 },
        ...Array.from({ length: 12 }, (_, at): Span => ({ traceId: `${n}`, spanId: `b${at}`, parentSpanId: 'a', service: 'cart', name: 'add', start: start + 6_000 + at, end: start + 6_020 })), // prettier-ignore
      ]
    }
    const verdict = asked({ spans: Array.from({ length: 90 }, (_, n) => straddling(n)).flat() })
    expect(verdict.verdict).toBe('nothing_wrong')
  })
})

it('has more confidence in an all-clear if the baseline was undisturbed', () => {
  const times = Float64Array.from({ length: 90 }, (_, n) => n * MINUTE)
  const latency = (disturbed: number): Series => ({
    service: 'cart',
    indicator: 'latency_p95',
    times,
    values: times.map((_, n) => 10 + Math.sin(n * n) + (n >= 20 && n < 30 ? disturbed : 0)),
  })
  const [even, uneven] = [0, 30].map((disturbed) => asked({ series: [latency(disturbed)] })) as [Verdict, Verdict]
  expect([even.verdict, uneven.verdict]).toEqual(['nothing_wrong', 'nothing_wrong'])
  expect(uneven.confidence).toBeLessThan(even.confidence - 0.05)
})
