import fc from '../../properties/seeded.ts'
import { describe, expect, it } from 'vitest'
import { diagnose } from '../../../analysis/diagnose.ts'
import type { Series } from '../../../analysis/observations.ts'
import { placeboBlocks, quantileWithout } from '../../../analysis/metrics/placebo.ts'
import { quantileOfSorted } from '../../../analysis/metrics/robust.ts'
import { randomFrom } from '../../../bench/rankings/measures.ts'

describe('blocks of the baseline', () => {
  it('lie within it, have the length of the window, and leave a rest to compare with', () =>
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2000 }), fc.integer({ min: 1, max: 500 }), (samples, window) => {
        for (const { start, end } of placeboBlocks(samples, window)) {
          expect(start).toBeGreaterThanOrEqual(0)
          expect(end).toBeLessThanOrEqual(samples)
          expect(end - start).toBeLessThanOrEqual(window)
          expect(end - start).toBeLessThanOrEqual(samples / 4)
          expect(end).toBeGreaterThan(start)
        }
      }),
    ))

  it('do not exist in a baseline that is too short', () => expect(placeboBlocks(7, 3)).toEqual([]))

  it('leave all other samples', () =>
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 4, maxLength: 60 }),
        fc.nat({ max: 56 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (values, from, share) => {
          const start = Math.min(from, values.length - 3)
          const [block, rest] = [values.slice(start, start + 2), values.toSpliced(start, 2)]
          const sorted = (of: number[]) => Float64Array.from(of).sort()
          expect(quantileWithout(sorted(values), sorted(block), share)).toBe(quantileOfSorted(sorted(rest), share))
        },
      ),
    ))
})

describe('a system in which something always looks disturbed', () => {
  const STEP = 60_000
  const POINTS = 40
  const WINDOW = 5
  const window = { start: (POINTS - WINDOW) * STEP, end: POINTS * STEP }
  const baseline = { start: 0, end: window.start }
  const times = Float64Array.from({ length: POINTS }, (_, index) => index * STEP)

  /** Sixty idle services that each become active once for four minutes, and optionally one that breaks. */
  function restless(seed: number, broken: boolean): Series[] {
    const random = randomFrom(seed)
    return Array.from({ length: 60 }, (_, index): Series => {
      const wakes = Math.floor(random() * (POINTS - 4)) * STEP
      const level = (time: number): number => (time >= wakes && time < wakes + 4 * STEP ? 30 : 0.01)
      return {
        service: `seldom-${index}`,
        indicator: 'latency_p95',
        times,
        values: times.map((time) => level(time) * (1 + 0.1 * random())),
      }
    }).concat({
      service: 'stock',
      indicator: 'cpu',
      times,
      values: times.map((time) => (broken && time >= window.start ? 90 : 10) * (1 + 0.1 * random())),
    })
  }
  const asked = (series: Series[]) =>
    diagnose({ window, baseline, series, logs: [], spans: [], edges: [], changes: [] })

  it('is not reported as an incident', () => {
    const verdicts = Array.from({ length: 20 }, (_, seed) => asked(restless(seed + 1, false)).verdict)
    expect(verdicts.filter((verdict) => verdict === 'nothing_wrong').length).toBeGreaterThanOrEqual(18)
  })

  it('is reported for a deviation beyond its noise', () => {
    const found = Array.from({ length: 20 }, (_, seed) => asked(restless(seed + 1, true)).rootCauses[0]?.service)
    expect(found.filter((service) => service === 'stock').length).toBeGreaterThanOrEqual(18)
  })
})
