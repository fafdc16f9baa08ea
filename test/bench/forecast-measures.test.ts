import { describe, expect, it } from 'vitest'
import { randomFrom } from '../../bench/rankings/measures.ts'
import { forecastBaselines, seasonalBaselines } from '../../bench/series/forecast-baselines.ts'
import {
  overall,
  scaledError,
  scaledIntervalScore,
  stepOf,
  symmetricError,
} from '../../bench/series/forecast-measures.ts'

describe('measuring forecasts as the M4 competition does', () => {
  it('relates an error to the mean of actual and forecast value, in percent', () => {
    // 10 of 105 and 0 of 100.
    expect(symmetricError([110, 100], [100, 100])).toBeCloseTo((100 * (10 / 105)) / 2)
  })

  it("scales errors by the history's mean absolute step", () => {
    const step = stepOf(Float64Array.of(1, 3, 2, 5))
    expect(step).toBe(2)
    expect(scaledError([6, 7], [5, 10], step)).toBe(1)
    expect(stepOf(Float64Array.of(1, 3, 2, 5), 2), 'from one season to the next').toBe(1.5)
  })

  it('scores intervals by their width plus what lies outside, times forty at 95 %', () => {
    const intervals = { lower: [0, 0, 0], upper: [10, 10, 10] }
    expect(scaledIntervalScore([5, 0, 10], intervals, { step: 2, level: 0.95 })).toBe(5)
    // 3 above and 1 below, each 40 times.
    expect(scaledIntervalScore([13, -1, 5], intervals, { step: 1, level: 0.95 })).toBeCloseTo(10 + (40 * 4) / 3)
  })

  it('weights both errors by those of the naive forecast', () => {
    expect(overall({ symmetric: 5, scaled: 3 }, { symmetric: 10, scaled: 2 })).toBe(1)
    expect(overall({ symmetric: 10, scaled: 2 }, { symmetric: 10, scaled: 2 })).toBe(1)
  })
})

describe('the baselines of forecasts', () => {
  const line = Float64Array.from({ length: 50 }, (_, at) => 10 + 2 * at)
  const said = (name: string, history: Float64Array): number[] => [...(forecastBaselines[name]?.(history, 2, 1) ?? [])]

  it('continue a line as defined: the last value, the line itself, or half its slope', () => {
    expect(said('naive', line)).toEqual([108, 108])
    expect(said('drift', line)).toEqual([110, 112])
    const [first = NaN, second = NaN] = said('theta', line)
    expect(second - first).toBeCloseTo(1)
    expect(first).toBeGreaterThan(108)
    expect(first).toBeLessThan(110)
  })

  it('stay constant on a constant series', () => {
    for (const name of Object.keys(forecastBaselines))
      for (const value of said(name, new Float64Array(20).fill(7))) expect(value).toBeCloseTo(7)
  })

  it('repeat a season where there is one: as shares of the last value, or as the last season itself', () => {
    const shares = [0.5, 1, 1.5, 1]
    const seasonal = Float64Array.from({ length: 40 }, (_, at) => 100 * shares[at % 4]!)
    for (const go of Object.values(seasonalBaselines))
      for (const [step, value] of go(seasonal, 6, 4).entries()) expect(value).toBeCloseTo(seasonal[step % 4]!)
    const without = Float64Array.from({ length: 40 }, randomFrom(1))
    expect([...seasonalBaselines['naive']!(without, 3, 4)]).toEqual(Array(3).fill(without[39]))
  })
})
