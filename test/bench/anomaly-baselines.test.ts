import { expect, it } from 'vitest'
import { anomalyBaselines } from '../../bench/series/anomaly-baselines.ts'
import { randomFrom } from '../../bench/rankings/measures.ts'

const detect = (name: string, values: readonly number[]): number[] => anomalyBaselines[name]!(values, 1)
const noise = (length: number): number[] => {
  const random = randomFrom(1)
  return Array.from({ length }, () => 10 + random())
}

it.each(['windowed Gaussian', 'robust z-score'])('score a constant series as normal: %s', (name) => {
  const constant = Array.from({ length: 300 }, () => 5)
  expect(detect(name, constant)).toEqual(constant.map(() => 0))
})

it('forget values that left their window', () => {
  const values = noise(9000).map((value, at) => (at < 1500 ? value : value + 30))
  const said = detect('windowed Gaussian', values)
  expect(said[1500]).toBeGreaterThan(4)
  expect(said[8500]).toBeLessThan(2)
})
