import { expect, test } from 'vitest'
import { worsened, createRecentMeasurements } from '../../embedded/control-plane/measurements.ts'
import { evaluate, firingState, pendingIn, type Rule, type RuleState } from '../../embedded/control-plane/rules.ts'

const rule: Rule = {
  name: 'HighLatency',
  indicator: 'latency_p95',
  above: 500,
  unit: ' ms',
  forMs: 3_000,
  quietMs: 5_000,
  severity: 'P2',
}

/** One value per second; null: not measured. */
function story(values: readonly (number | null)[], start: RuleState = new Map()) {
  let state = start
  const seen: string[] = []
  for (const [second, value] of values.entries()) {
    const round = value === null ? [] : [{ time: second * 1_000, service: 'cart', indicator: 'latency_p95', value }]
    const result = evaluate(state, [rule], round)
    state = result.state
    seen.push(...result.transitions.map(({ type, at }) => `${type} at ${at / 1_000}`))
  }
  return { state, seen }
}

test('a value above the threshold fires only if it lasts', () => {
  expect(story([100, 600, 600, 100, 600, 600]).seen).toEqual([])
  expect(story([100, 600, 700, 800, 900]).seen).toEqual(['fired at 4'])
})

test('of several firing in one round, the earliest comes first', () => {
  let state: RuleState = new Map()
  let fired: string[] = []
  for (const time of [0, 1_000, 4_000]) {
    const measured = (service: string, value: number) => ({ time, service, indicator: 'latency_p95', value })
    const round = [measured('frontend', time > 0 ? 900 : 100), measured('cart', 900)]
    const result = evaluate(state, [rule], round)
    state = result.state
    fired = result.transitions.map(({ service }) => service)
  }
  expect(fired).toEqual(['cart', 'frontend'])
})

test('an alert resolves only if it stays quiet', () => {
  const firing = firingState([{ rule: 'HighLatency', service: 'cart' }])
  expect(story([600, 100, 100, 600, 100, 100, 100, 100], firing).seen).toEqual([])
  expect(story([600, 100, 100, 100, 100, 100, 100], firing).seen).toEqual(['resolved at 6'])
})

test('a missing measurement neither fires nor resolves', () => {
  expect(story([600, null, null, null, null]).seen).toEqual([])
  expect(
    story([null, null, null, null, null, null, null, null], firingState([{ rule: 'HighLatency', service: 'cart' }]))
      .seen,
  ).toEqual([])
})

test('a value above the threshold that has not lasted is pending', () => {
  expect(pendingIn(story([100, 600, 600]).state)).toEqual([{ rule: 'HighLatency', service: 'cart', since: 1_000 }])
  expect(pendingIn(story([100, 600, 600, 600, 600]).state)).toEqual([])
})

test('an alert that fired before a restart does not fire again', () => {
  expect(story([600, 600, 600, 600, 600, 600], firingState([{ rule: 'HighLatency', service: 'cart' }])).seen).toEqual(
    [],
  )
})

test('a deployment is worse if latency or errors clearly rose, not if data is missing', () => {
  expect(worsened({ latency_p95: 40, error_ratio: 0 }, { latency_p95: 450, error_ratio: 0.02 })).toEqual([
    'latency_p95',
  ])
  expect(worsened({ latency_p95: 40 }, { latency_p95: 90, error_ratio: 0.5 })).toEqual([])
  expect(worsened({}, { latency_p95: 900 })).toEqual([])
})

test('too few measurements give no median', () => {
  const recent = createRecentMeasurements()
  const at = (time: number, value: number) => recent.add([{ time, service: 'cart', indicator: 'latency_p95', value }])
  for (const time of [1, 2, 3, 4]) at(time, 10)
  expect(recent.medians('cart', 0, 10)).toEqual({})
  at(5, 99)
  expect(recent.medians('cart', 0, 10)).toEqual({ latency_p95: 10 })
})
