import { expect, it } from 'vitest'
import type { Deviation } from '../../../analysis/metrics/comparison.ts'
import { meaningOf } from '../../../analysis/metrics/meaning.ts'
import { weightOf } from '../../../analysis/metrics/weight.ts'

function moved(indicator: string, unit: string, before: number, during: number): number {
  const series = { service: 'payment', indicator, unit, times: new Float64Array(), values: new Float64Array() }
  const deviation: Deviation = { series, meaning: meaningOf(series), before, during, z: 12, usual: 0, samples: 100 }
  return weightOf(deviation, null)
}

it.each([
  ['disk', 'ratio'],
  ['connections', 'ratio'],
  ['memory_ratio', 'ratio'],
])('counts %s little while it is far from its limit', (indicator, unit) => {
  expect(moved(indicator, unit, 0.001, 0.004)).toBeLessThan(0.2 * moved(indicator, unit, 0.25, 1))
})

it('counts a share in percent like one of 1', () => {
  expect(moved('disk used', '%', 1, 3)).toBeCloseTo(moved('disk used', 'ratio', 0.01, 0.03))
})

it.each([
  ['cpu', 'ratio'],
  ['latency_p99', 's'],
  ['queue', ''],
])('judges %s by its own level: it has no limit of its own', (indicator, unit) => {
  expect(moved(indicator, unit, 0.001, 0.004)).toBeCloseTo(moved(indicator, unit, 0.25, 1))
})
