import { expect, it } from 'vitest'
import { bars } from '../../bench/page/bars.ts'
import { FULL, QUICK } from '../../bench/speed.ts'

const drain3 = { accuracy: 0.9, maskedAccuracy: 0.9, perSecond: 100_000, maskedPerSecond: 50_000 }
const logs = [
  { system: 'one', templates: 3, found: 3, accuracy: 1, rawAccuracy: 1, perSecond: 1_000_000, drain3 },
  { system: 'other', templates: 3, found: 3, accuracy: 0.8, rawAccuracy: 1, perSecond: 2_000_000, drain3 },
]
const measured = (name: string, amount: typeof FULL): number =>
  bars.find((bar) => bar.name === name)!.measure([], { logs, amount, took: 2000, tookMoved: 3000 })

it.each([
  ['10,000 series × 720 points, s', 2],
  ['log lines a second, one core', 1_500_000],
  ['log lines a second, times Drain3', 15],
])('compares a figure with its target only if it was measured in full: %s', (name, value) => {
  expect(measured(name, FULL)).toBe(value)
  expect(measured(name, QUICK)).toBeNaN()
})

it('compares figures that do not depend on the amount of data with their targets', () => {
  expect(measured('loghub grouping accuracy, mean of 8 systems', QUICK)).toBe(0.9)
})
