/** Trends and seasons are not disturbances; a break of the pattern is. */
import fc from '../../properties/seeded.ts'
import { describe, expect, it } from 'vitest'
import { deviationOf } from '../../../analysis/metrics/deviation.ts'
import type { Series } from '../../../analysis/observations.ts'
import { periodOf, samePhase } from '../../../analysis/metrics/season.ts'
import { withoutTrend } from '../../../analysis/metrics/trend.ts'

const STEP = 60_000
const series = (count: number, of: (index: number) => number, indicator = 'memory'): Series => ({
  service: 'cart',
  indicator,
  times: Float64Array.from({ length: count }, (_, index) => index * STEP),
  values: Float64Array.from({ length: count }, (_, index) => of(index)),
})
/** Deterministic, irregular noise. */
const noise = (index: number) => Math.sin(index * 12.9898) + Math.sin(index * 0.7311 + index * index * 0.013)
const range = (from: number, to: number) => ({ start: from * STEP, end: to * STEP })
const zOf = (one: Series, baseline: [number, number], window: [number, number]): number => {
  const found = deviationOf(one, range(...baseline), range(...window))
  if (found === null) throw new Error('there are samples on both sides')
  return found.z
}

describe('a series with a trend', () => {
  const climbing = (index: number) => 100 + 2 * index + noise(index)

  it('is not disturbed while the trend continues', () =>
    expect(zOf(series(120, climbing), [0, 90], [90, 120])).toBeLessThan(2))

  it('is disturbed by a jump', () => {
    const jumped = series(120, (index) => climbing(index) + (index >= 90 ? 60 : 0))
    expect(zOf(jumped, [0, 90], [90, 120])).toBeGreaterThan(6)
  })

  it('is disturbed by a much steeper slope', () => {
    const faster = series(120, (index) => climbing(index) + Math.max(0, index - 90) * 10)
    expect(zOf(faster, [0, 90], [90, 120])).toBeGreaterThan(6)
  })

  it('is returned with its original samples', () => {
    const one = series(120, climbing)
    expect(deviationOf(one, range(0, 90), range(90, 120))?.series).toBe(one)
  })

  it('is extrapolated only if the window is near and the baseline is long enough', () => {
    const long = series(400, climbing)
    expect(withoutTrend(long, range(0, 90), range(90, 120))).not.toBeNull()
    expect(withoutTrend(long, range(0, 90), range(300, 330))).toBeNull()
    expect(withoutTrend(long, range(200, 290), range(100, 130))).toBeNull()
    expect(withoutTrend(long, range(0, 20), range(20, 25))).toBeNull()
  })

  it('is not detected in noise or after a single step', () => {
    expect(withoutTrend(series(120, noise), range(0, 90), range(90, 120))).toBeNull()
    expect(
      withoutTrend(
        series(120, (index) => (index < 80 ? 5 : 50) + noise(index)),
        range(0, 90),
        range(90, 120),
      ),
    ).toBeNull()
  })
})

describe('a seasonal series', () => {
  /** a job that takes two of every twenty minutes */
  const job = (index: number) => (index % 20 < 2 ? 80 : 10) + noise(index)

  it('is not disturbed by the usual value of the phase', () =>
    expect(zOf(series(206, job, 'cpu'), [0, 200], [200, 205])).toBeLessThan(2))

  it('is disturbed by the same at another phase', () => {
    const early = series(206, (index) => (index >= 190 && index < 195 ? 80 + noise(index) : job(index)), 'cpu')
    expect(zOf(early, [0, 190], [190, 195])).toBeGreaterThan(3)
  })

  it('is disturbed by more than the usual value of the phase', () => {
    const worse = series(206, (index) => (index >= 200 && index < 202 ? 400 : job(index)), 'cpu')
    expect(zOf(worse, [0, 200], [200, 205])).toBeGreaterThan(4)
  })

  it('has a period after three repetitions', () => {
    expect(periodOf(series(200, job), range(0, 200))).toBeCloseTo(20 * STEP, -3)
    expect(periodOf(series(200, job), range(0, 50))).toBeNull()
    const days = series(4000, (index) => 50 + 40 * Math.sin((index / 1440) * 2 * Math.PI))
    expect(periodOf(days, range(0, 4000))).toBeNull()
    const week = series(1440 * 5, (index) => 50 + 40 * Math.sin((index / 1440) * 2 * Math.PI) + noise(index))
    expect(Math.abs((periodOf(week, range(0, 1440 * 5)) ?? 0) / STEP - 1440)).toBeLessThan(40)
  })

  it('is not detected in noise, a random walk or a constant', () => {
    expect(periodOf(series(300, noise), range(0, 300))).toBeNull()
    expect(
      periodOf(
        series(300, () => 7),
        range(0, 300),
      ),
    ).toBeNull()
    expect(
      periodOf(
        series(300, (index) => index),
        range(0, 300),
      ),
    ).toBeNull()
    expect(periodOf(series(0, noise), range(0, 300))).toBeNull()
  })

  it('has its phases at the window shifted back by whole periods, within the baseline', () => {
    expect(samePhase(20 * STEP, range(0, 100), range(105, 110))).toEqual([
      range(85, 90),
      range(65, 70),
      range(45, 50),
      range(25, 30),
      range(5, 10),
    ])
  })
})

it('does not depend on the unit of the series or of time', () =>
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 60, maxLength: 200 }),
      fc.constantFrom(2, 1024, 0.125),
      fc.constantFrom(1, 4, 0.5),
      (values, factor, unit) => {
        const one = series(values.length, (index) => values[index]! + (index % 10 === 0 ? 800 : 0) + index)
        const scaled = {
          ...one,
          values: one.values.map((value) => value * factor),
          times: one.times.map((time) => time * unit),
        }
        const last = values.length - 10
        const wide = ({ start, end }: { start: number; end: number }) => ({ start: start * unit, end: end * unit })
        const before = deviationOf(one, range(0, last), range(last, values.length))
        const after = deviationOf(scaled, wide(range(0, last)), wide(range(last, values.length)))
        expect(after?.z).toBeCloseTo(before?.z ?? NaN, 6)
      },
    ),
  ))
