import { describe, expect, it } from 'vitest'
import { baselines } from '../../bench/rankings/baselines.ts'
import {
  accuracyAt,
  averageAtFive,
  bootstrapInterval,
  brierScore,
  calibrationError,
  randomFrom,
  rankOf,
} from '../../bench/rankings/measures.ts'
import type { Observations, Series } from '../../analysis/observations.ts'

describe('measuring rankings', () => {
  it('counts a truth that is not in the ranking as a miss', () => {
    const ranks = [rankOf('a', ['a', 'b']), rankOf('b', ['a', 'b']), rankOf('c', ['a', 'b'])]
    expect(ranks).toEqual([1, 2, null])
    expect(accuracyAt(1, ranks)).toBeCloseTo(1 / 3)
    expect(accuracyAt(5, ranks)).toBeCloseTo(2 / 3)
    expect(averageAtFive(ranks)).toBeCloseTo((1 / 3 + 4 * (2 / 3)) / 5)
  })

  it('gives no figure without cases', () => expect(accuracyAt(1, [])).toBeNaN())

  it('draws the same interval in every run, around the figure', () => {
    const ranks = Array.from({ length: 40 }, (_, index) => (index % 4 === 0 ? 2 : 1))
    const [low, high] = bootstrapInterval(ranks, (drawn) => accuracyAt(1, drawn))
    expect([low, high]).toEqual(bootstrapInterval(ranks, (drawn) => accuracyAt(1, drawn)))
    expect(low).toBeLessThan(0.75)
    expect(high).toBeGreaterThan(0.75)
  })
})

describe('measuring confidence', () => {
  const random = randomFrom(7)
  const forecasts = Array.from({ length: 2000 }, () => {
    const probability = random()
    return { probability, right: random() < probability }
  })

  it('is zero for forecasts that come true as often as stated', () => {
    expect(calibrationError(forecasts)).toBeLessThan(0.05)
    expect(brierScore(forecasts)).toBeCloseTo(1 / 6, 1)
  })
})

describe('the baselines', () => {
  const times = Float64Array.from({ length: 60 }, (_, index) => index * 1000)
  const series = (service: string, indicator: string, during: number): Series => ({
    service,
    indicator,
    times,
    values: times.map((time, index) => (time < 40_000 ? 10 : during) + (index % 3)),
  })
  const observations: Observations = {
    window: { start: 0, end: 60_000 },
    onset: 40_000,
    series: [series('front', 'latency', 90), series('cart', 'latency', 80), series('stock', 'latency', 10)],
    logs: [],
    spans: [],
    edges: [{ from: 'front', to: 'cart' }],
    changes: [
      { id: 'early', timestamp: 1000, type: 'DEPLOYMENT', service: 'cart', summary: '' },
      { id: 'near', timestamp: 39_000, type: 'DEPLOYMENT', service: 'stock', summary: '' },
      { id: 'after', timestamp: 41_000, type: 'DEPLOYMENT', service: 'front', summary: '' },
    ],
  }
  const first = (name: string): string | undefined => baselines[name]?.(observations, { front: 'front', seed: 1 })[0]

  it('each blame the service that their rule selects', () => {
    expect(first('robust z-score')).toBe('front')
    expect(first('BARO-style')).toBe('front')
    expect(first('graph traversal')).toBe('cart')
    expect(first('nearest change')).toBe('stock')
    expect(first('always the front')).toBe('front')
  })

  it('traverse from the alert by its metric only, at the first instant at which it is disturbed', () => {
    const dropped = (service: string, indicator: string, drop: number): Series => ({
      service,
      indicator,
      times,
      values: times.map((time) => (time >= 44_000 && time < 46_000 ? 100 - drop : 100)),
    })
    const alerted: Observations = {
      ...observations,
      window: { start: 40_000, end: 60_000 },
      baseline: { start: 0, end: 40_000 },
      alert: { service: 'front', summary: 'availability', labels: { metric: 'availability' } },
      series: [
        ...observations.series,
        dropped('front', 'availability_average', 3),
        dropped('cart', 'availability_average', 3),
        dropped('stock', 'availability_average', 1),
        dropped('away', 'availability_average', 50),
      ],
      edges: [
        { from: 'front', to: 'cart' },
        { from: 'front', to: 'stock' },
      ],
    }
    const ranked = baselines['graph traversal']?.(alerted, { front: 'front', seed: 1 })
    expect(ranked?.slice(0, 2)).toEqual(['cart', 'stock'])
  })

  it('take the highest sample as BARO does: a drop does not count', () => {
    const fell: Observations = {
      ...observations,
      series: [series('front', 'latency', 90), series('cart', 'throughput', -500)],
    }
    expect(baselines['BARO-style']?.(fell, { front: 'front', seed: 1 })).toEqual(['front', 'cart'])
  })
})
