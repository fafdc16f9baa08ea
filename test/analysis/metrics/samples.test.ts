import { describe, expect, it } from 'vitest'
import { diagnose } from '../../../analysis/diagnose.ts'
import type { Series } from '../../../analysis/observations.ts'
import { prepared } from '../../../analysis/metrics/samples.ts'
import { randomFrom } from '../../../bench/rankings/measures.ts'

const series = (indicator: string, times: number[], values: number[]): Series => ({
  service: 'cart',
  indicator,
  times: Float64Array.from(times),
  values: Float64Array.from(values),
})

describe('preparing a series', () => {
  it('sorts samples by time, and keeps the last of a repeated timestamp', () => {
    const { times, values } = prepared(series('cpu', [3000, 1000, 2000, 1000], [3, 9, 2, 1]))
    expect([...times]).toEqual([1000, 2000, 3000])
    expect([...values]).toEqual([1, 2, 3])
  })

  it('returns a sorted series unchanged', () => {
    const given = series('cpu', [1000, 2000], [1, 2])
    expect(prepared(given)).toBe(given)
  })

  it('turns a counter into a rate, and treats a fall as a reset', () => {
    const times = Array.from({ length: 40 }, (_, index) => index * 10_000)
    const counted = times.map((_, index) => (index < 20 ? 1000 + index * 50 : (index - 20) * 50))
    const { times: at, values } = prepared(series('http_requests_total', times, counted))
    expect(at).toHaveLength(39)
    expect(new Set(values)).toEqual(new Set([5, 0]))
    expect(values.indexOf(0)).toBe(19)
  })

  it('does not treat a gauge as a counter because of its name', () => {
    const times = Array.from({ length: 30 }, (_, index) => index * 1000)
    const given = series(
      'memory_total',
      times,
      times.map((_, index) => 100 + (index % 2)),
    )
    expect(prepared(given).values).toEqual(given.values)
  })

  it('gives the same verdict for any order of samples', () => {
    const random = randomFrom(3)
    const times = Array.from({ length: 120 }, (_, index) => index * 5000)
    const values = times.map((time) => (time < 400_000 ? 20 : 90) + random())
    const order = times.map((_, index) => index).sort(() => random() - 0.5)
    const window = { start: 0, end: 600_000 }
    const asked = (one: Series) => diagnose({ window, series: [one], logs: [], spans: [], edges: [], changes: [] })
    const shuffled = series('latency_p95', [...order, 5].map((at) => times[at] ?? 0), [...order, 5].map((at) => values[at] ?? 0)) // prettier-ignore
    expect(asked(shuffled)).toEqual(asked(series('latency_p95', times, values)))
  })

  it('finds no disturbance in a counter reset', () => {
    const random = randomFrom(5)
    let count = 50_000
    const times = Array.from({ length: 120 }, (_, index) => index * 5000)
    const values = times.map((_, index) => (count = index === 80 ? 0 : count + 100 + 10 * random()))
    const verdict = diagnose({
      window: { start: 0, end: 600_000 },
      series: [series('http_requests_total', times, values)],
      logs: [],
      spans: [],
      edges: [],
      changes: [],
    })
    expect(verdict.verdict).toBe('nothing_wrong')
  })
})
