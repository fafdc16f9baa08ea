import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import fc from '../../properties/seeded.ts'
import { describe, expect, it } from 'vitest'
import { forecast, stepsUntil } from '../../../analysis/forecasts/forecast.ts'
import { seasonOf, seasonsOf } from '../../../analysis/forecasts/season.ts'
import { normalQuantile } from '../../../analysis/metrics/normal.ts'
import { randomFrom } from '../../../bench/rankings/measures.ts'

const noise = (at: number): number => (Math.imul(at + 1, 0x9e3779b1) >>> 0) / 2 ** 32 - 0.5
const series = (count: number, of: (at: number) => number): Float64Array =>
  Float64Array.from({ length: count }, (_, at) => of(at))

describe('forecasting', () => {
  it('covers, beyond the backtested distance, that the trend goes on and that it stops, and continues the season', () => {
    const ramp = Float64Array.from({ length: 120 }, (_, at) => 60 + at * 0.05 + Math.sin(at * 12.9898) * 0.01)
    const far = forecast(ramp, { horizon: 1440 })
    expect(far.upper[1439]).toBeGreaterThan(60 + 0.05 * (120 + 1439))
    expect(far.lower[1439]).toBeLessThan(70)
    expect(stepsUntil(far, ramp[119]!, 95).lower).toBeNull()
    const daily = Float64Array.from(
      { length: 168 },
      (_, at) => 50 + 20 * Math.sin((at / 24) * 2 * Math.PI) + Math.sin(at * 12.9898),
    )
    const next = forecast(daily, { horizon: 72, season: 24 })
    const above = (step: number) => next.upper[step]! - next.mean[step]!
    expect(above(66) / above(10)).toBeLessThan(Math.sqrt(67 / 11) * 1.1)
  })

  it('does not go below zero unless the history did', () => {
    const falling = Float64Array.from({ length: 12 }, (_, at) => 1000 - at * 80)
    for (const history of [falling, falling.slice(0, 5)]) {
      const { mean, lower, upper } = forecast(history, { horizon: 20 })
      for (const path of [mean, lower, upper]) expect(Math.min(...path)).toBeGreaterThanOrEqual(0)
    }
    expect(
      forecast(
        falling.map((value) => value - 500),
        { horizon: 20 },
      ).mean[19],
    ).toBeLessThan(-500)
  })

  it('does not exceed the whole of a share unless the history did', () => {
    const filling = Float64Array.from({ length: 40 }, (_, at) => 0.55 + at / 100)
    for (const [history, whole] of [
      [filling, 1],
      [filling.slice(-5), 1],
      [filling.map((value) => value * 100), 100],
    ] as const) {
      // prettier-ignore
      const { mean, lower, upper } = forecast(history, { horizon: 30, whole })
      for (const path of [mean, lower, upper]) expect(Math.max(...path)).toBeLessThanOrEqual(whole)
    }
    expect(stepsUntil(forecast(filling, { horizon: 30, whole: 1 }), 0.94, 1).mean).toBeGreaterThan(0)
    expect(forecast(filling, { horizon: 30 }).mean[29]).toBeGreaterThan(1.1)
    const burst = filling.map((value) => value * 1.2)
    expect(forecast(burst, { horizon: 30, whole: 1 }).mean[29]).toBeGreaterThan(1.2)
  })

  it('continues a line', () => {
    const { mean, lower, upper } = forecast(
      series(100, (at) => 10 + at / 2 + noise(at)),
      { horizon: 20 },
    )
    expect(Math.abs((mean[19] ?? 0) - 69.5)).toBeLessThan(1.5)
    expect(lower[19]).toBeLessThan(mean[19] ?? 0)
    expect(upper[19]).toBeGreaterThan(mean[19] ?? 0)
  })

  it('continues a given season', () => {
    const wave = (at: number): number => 100 + 20 * Math.sin((2 * Math.PI * at) / 24) + noise(at)
    const { mean } = forecast(series(240, wave), { horizon: 24, season: 24 })
    for (const [step, value] of mean.entries()) expect(Math.abs(value - wave(240 + step))).toBeLessThan(4)
  })

  it('knows the week over a given day, and both without being told', () => {
    const isQuiet = (at: number): boolean => Math.floor(at / 24) % 7 >= 5
    const wave = (at: number): number =>
      (isQuiet(at) ? 40 : 100 + 30 * Math.sin((2 * Math.PI * at) / 24)) + 4 * noise(at)
    const history = series(5 * 168 + 96, wave)
    expect(seasonsOf(history, 24)).toEqual([24, 168])
    expect(seasonsOf(history, 1)).toEqual([24, 168])
    const off = ({ mean }: { mean: Float64Array }): number => Math.max(...mean.map((value, step) => Math.abs(value - wave(history.length + step)))) // prettier-ignore
    expect(off(forecast(history, { horizon: 96, season: 24 }))).toBeLessThan(12)
    expect(off(forecast(history, { horizon: 96 }))).toBeLessThan(12)
  })

  it('finds no second season in a day alone, nor in a day over a level that wanders', () => {
    const random = randomFrom(3)
    let level = 0
    const days = [(at: number) => 20 * Math.sin((2 * Math.PI * at) / 24) + 4 * random(), (at: number) => (level += random() - 0.5) + 20 * Math.sin((2 * Math.PI * at) / 24)] // prettier-ignore
    expect(days.map((day) => seasonsOf(series(700, day), 24))).toEqual([[24], [24]])
  })

  it('covers what it says in seasonal series, at the first step and at the last', () => {
    const random = randomFrom(4)
    const normal = (): number => normalQuantile(Math.min(Math.max(random(), 1e-6), 1 - 1e-6))
    const horizon = 12
    const inside = Array.from({ length: 60 }, () => {
      let level = 100
      const all = series(168, (at) => (level += 0.3 * normal()) + 10 * Math.sin((2 * Math.PI * at) / 12) + 2 * normal())
      const { lower, upper } = forecast(all.subarray(0, 168 - horizon), { horizon, season: 12, level: 0.9 })
      return [0, horizon - 1].map((step) => all[168 - horizon + step]! >= lower[step]! && all[168 - horizon + step]! <= upper[step]!) // prettier-ignore
    })
    for (const step of [0, 1]) expect(inside.filter((one) => one[step]).length).toBeGreaterThan(0.8 * inside.length)
  })

  it('detects a season, and none in noise, a line or a constant', () => {
    const wave = (at: number): number => 100 + 20 * Math.sin((2 * Math.PI * at) / 24) + noise(at)
    expect(seasonOf(series(240, (at) => wave(at) + at))).toBe(24)
    expect(forecast(series(240, wave), { horizon: 24 })).toEqual(forecast(series(240, wave), { horizon: 24, season: 24 })) // prettier-ignore
    const random = randomFrom(1)
    let walked = 0
    const without = [random, () => (walked += random() - 0.5), (at: number) => at, () => 7]
    expect(without.map((of) => seasonOf(series(500, of)))).toEqual([null, null, null, null])
    expect(seasonOf(Float64Array.of(1, 2, 1, 2, 1))).toBeNull()
  })

  it('detects the same season in any unit and at any level', () => {
    const random = randomFrom(2)
    const wave = series(200, (at) => 20 * Math.sin((2 * Math.PI * at) / 12) + 5 * random())
    fc.assert(
      fc.property(fc.integer({ min: -20, max: 20 }), fc.integer({ min: -100, max: 100 }), (power, level) => {
        expect(seasonOf(wave.map((value) => (value + level) * 2 ** power))).toBe(12)
      }),
    )
  })

  it('continues a constant, and repeats the last value of a short history', () => {
    expect([...forecast(series(50, () => 5), { horizon: 3 }).mean].map((value) => value.toFixed(6))).toEqual(['5.000000', '5.000000', '5.000000']) // prettier-ignore
    expect([...forecast(Float64Array.of(1, 2, 4), { horizon: 2 }).mean]).toEqual([4, 4])
    expect(() => forecast(new Float64Array(), { horizon: 2 })).toThrow(RangeError)
  })

  it('gives finite values for any history, with the mean between bounds that widen with the level', () => {
    const history = fc.float64Array({ minLength: 1, maxLength: 60, noNaN: true, min: -1e6, max: 1e6 })
    fc.assert(
      fc.property(history, fc.integer({ min: 1, max: 10 }), (values, horizon) => {
        const narrow = forecast(values, { horizon, level: 0.5 })
        const wide = forecast(values, { horizon, level: 0.99 })
        for (let step = 0; step < horizon; step += 1) {
          const path = [wide.lower, narrow.lower, narrow.mean, narrow.upper, wide.upper].map((all) => all[step] ?? NaN)
          expect(path.every(Number.isFinite)).toBe(true)
          expect(path).toEqual(path.toSorted((a, b) => a - b))
        }
      }),
      { numRuns: 60 },
    )
  })

  it('computes when a rising or falling series reaches a capacity, between two steps', () => {
    const around = (...mean: number[]) => ({
      mean: Float64Array.from(mean),
      lower: Float64Array.from(mean, (value) => value - 2),
      upper: Float64Array.from(mean, (value) => value + 2),
    })
    expect(stepsUntil(around(2, 4, 6), 0, 5)).toEqual({ mean: 2.5, lower: null, upper: 1.5 })
    expect(stepsUntil(around(8, 6, 4), 10, 5)).toEqual({ mean: 2.5, lower: 1.5, upper: null })
    expect(stepsUntil(around(1, 2), 0, 5)).toEqual({ mean: null, lower: null, upper: null })
  })

  it('reports a capacity that is already reached', () => {
    const already = { mean: 0, lower: 0, upper: 0 }
    const around = { mean: Float64Array.of(7, 8), lower: Float64Array.of(5, 4), upper: Float64Array.of(9, 12) }
    expect(stepsUntil(around, 6, 5)).toEqual(already)
    expect(stepsUntil(around, 5, 5)).toEqual(already)
  })

  it('computes normal quantiles', () => {
    expect(normalQuantile(0.975)).toBeCloseTo(1.959964, 5)
    expect(normalQuantile(0.995)).toBeCloseTo(2.575829, 5)
    expect(normalQuantile(0.75)).toBeCloseTo(0.67449, 5)
  })

  it('is not loaded by a diagnosis, nor is its WebAssembly', () => {
    const reached = new Set<string>()
    const follow = (file: string): void => {
      if (reached.has(file)) return
      reached.add(file)
      for (const [, path = ''] of readFileSync(file, 'utf8').matchAll(/from '(\.[^']*)'/g))
        follow(join(dirname(file), path))
    }
    follow(join(import.meta.dirname, '../../../analysis/diagnose.ts'))
    expect(reached.size).toBeGreaterThan(20)
    expect([...reached].filter((file) => file.includes('/forecasts/'))).toEqual([])
  })
})
