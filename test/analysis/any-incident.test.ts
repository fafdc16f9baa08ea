/** Rankings do not depend on the time of the incident, and no input produces NaN or Infinity. */
import fc from '../properties/seeded.ts'
import { describe, expect, it } from 'vitest'
import { diagnose } from '../../analysis/diagnose.ts'
import type { Observations, Series } from '../../analysis/observations.ts'
import { randomFrom } from '../../bench/rankings/measures.ts'

const START = Date.UTC(2026, 2, 1, 12)
const STEP = 5000
const POINTS = 90
const ONSET = START + 60 * STEP
const INDICATORS = ['latency_p95', 'error_ratio', 'request_rate', 'cpu']

interface Plan {
  seed: number
  /** factor by which the level of each service changes at the onset */
  factors: number[]
  changed: number
}

const plans: fc.Arbitrary<Plan> = fc.record({
  seed: fc.integer({ min: 1, max: 1_000_000 }),
  factors: fc.array(fc.constantFrom(1, 1, 1.5, 4, 20), { minLength: 3, maxLength: 6 }),
  changed: fc.nat({ max: 5 }),
})

const name = (index: number): string => `service-${String.fromCharCode(97 + index)}`

/** Services in a chain, each calling the next. */
function incident({ seed, factors, changed }: Plan): Observations {
  const random = randomFrom(seed)
  const times = Float64Array.from({ length: POINTS }, (_, index) => START + index * STEP)
  const series = factors.flatMap((factor, index) =>
    INDICATORS.map((indicator): Series => {
      const level = 1 + 50 * random()
      const values = times.map((time) => level * (time < ONSET ? 1 : factor) * (1 + 0.1 * (random() - 0.5)))
      return { service: name(index), indicator, times, values }
    }),
  )
  return {
    window: { start: START, end: START + POINTS * STEP },
    series,
    logs: [],
    spans: [],
    edges: factors.slice(1).map((_, index) => ({ from: name(index), to: name(index + 1) })),
    changes: [
      { id: 'change', timestamp: ONSET - 20_000, type: 'DEPLOYMENT', service: name(changed % factors.length), summary: 'v2' }, // prettier-ignore
    ],
  }
}

const scores = (observations: Observations): Map<string, number> =>
  new Map(diagnose(observations).rootCauses.map(({ service, score }) => [service, score]))

/** Compares scores only: services with equal scores may be in any order. */
function expectSameScores(was: ReadonlyMap<string, number>, is: ReadonlyMap<string, number>): void {
  expect([...is.keys()].sort()).toEqual([...was.keys()].sort())
  for (const [service, score] of was) expect(is.get(service)).toBeCloseTo(score, 6)
}

const holds = (check: (plan: Plan) => void): void => fc.assert(fc.property(plans, check), { numRuns: 60 })

describe('a ranking', () => {
  it('does not depend on the time of the incident', () =>
    holds((plan) => {
      const all = incident(plan)
      const by = 86_400_000 * 100
      const later: Observations = {
        ...all,
        window: { start: all.window.start + by, end: all.window.end + by },
        series: all.series.map((one) => ({ ...one, times: one.times.map((time) => time + by) })),
        changes: all.changes.map((change) => ({ ...change, timestamp: change.timestamp + by })),
      }
      expectSameScores(scores(all), scores(later))
    }))

  it('never ends a cause before it begins, whatever spikes there are', () => {
    const spikes = fc.array(
      fc.record({ at: fc.nat({ max: POINTS - 1 }), length: fc.integer({ min: 1, max: 12 }), factor: fc.constantFrom(3, 10, 40) }),
      { minLength: 8, maxLength: 8 },
    ) // prettier-ignore
    fc.assert(
      fc.property(plans, fc.array(spikes, { minLength: 3, maxLength: 3 }), (plan, all) => {
        const given = incident(plan)
        const series = given.series.map((one, index) => ({
          ...one,
          values: one.values.map((value, at) => {
            const spike = all.map((of) => of[index % of.length]).find((of) => of !== undefined && at >= of.at && at < of.at + of.length) // prettier-ignore
            return value * (spike?.factor ?? 1)
          }),
        }))
        for (const { since, until } of diagnose({ ...given, series }).rootCauses)
          if (since !== null && until !== null) expect(since).toBeLessThanOrEqual(until)
      }),
      { numRuns: 200 },
    )
  })

  it('contains no NaN or Infinity, whatever the input', () => {
    const wild = fc.array(fc.oneof(fc.double(), fc.constantFrom(0, 1e308, -1e308, 5e-324)), {
      minLength: 0,
      maxLength: 60,
    })
    const anyTimes = fc.array(fc.integer({ min: 0, max: POINTS * STEP }), { minLength: 60, maxLength: 60 })
    fc.assert(
      fc.property(fc.array(wild, { maxLength: 4 }), anyTimes, (columns, offsets) => {
        const times = Float64Array.from(
          offsets.toSorted((a, b) => a - b),
          (offset) => START + offset,
        )
        const series = columns.map((values, index): Series => ({
          service: name(index % 2),
          indicator: INDICATORS[index % INDICATORS.length] ?? 'cpu',
          times: times.subarray(0, values.length),
          values: Float64Array.from(values),
        }))
        const { confidence, onset, rootCauses } = diagnose({
          ...incident({ seed: 1, factors: [1], changed: 0 }),
          series,
        })
        for (const number of [confidence, onset ?? 0, ...rootCauses.map(({ score }) => score)])
          expect(Number.isFinite(number)).toBe(true)
      }),
      { numRuns: 200 },
    )
  })
})
