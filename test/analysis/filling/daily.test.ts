import { expect, it } from 'vitest'
import { dailyOf, NOT_DAILY, withoutDaily } from '../../../analysis/filling/daily.ts'
import { noise } from '../watch/shop.ts'

const START = Date.parse('2026-03-02T00:00:00Z')
const HOUR = 3_600_000
const usageOf = (days: number, value: (hour: number) => number, isKnown = (_: number): boolean => true) => {
  const hours = Array.from({ length: 24 * days }, (_, hour) => hour).filter(isKnown)
  return { times: hours.map((hour) => START + (hour + 0.5) * HOUR), values: hours.map(value) }
}
const wave = (hour: number): number => 0.1 * Math.sin((2 * Math.PI * hour) / 24)

it('finds what a day adds, whatever trend there is', () => {
  const usage = usageOf(7, (hour) => 0.2 + 0.002 * hour + wave(hour) + 0.005 * noise(hour))
  const daily = dailyOf(usage, HOUR)
  for (const hour of [0, 6, 12, 18]) expect(daily.at(START + (hour + 24.5) * HOUR)).toBeCloseTo(wave(hour), 1)
  expect(daily.most).toBeCloseTo(0.1, 1)
  expect(daily.least).toBeCloseTo(-0.1, 1)
  const rest = withoutDaily(usage, daily).values
  for (const [hour, value] of rest.entries()) expect(Math.abs(value - 0.2 - 0.002 * hour)).toBeLessThan(0.015)
})

it('takes no noise, no event and no part of a day for one', () => {
  expect(
    dailyOf(
      usageOf(7, (hour) => 0.3 + 0.01 * noise(hour)),
      HOUR,
    ),
  ).toBe(NOT_DAILY)
  expect(
    dailyOf(
      usageOf(7, (hour) => (hour >= 60 && hour < 70 ? 0.8 : 0.3)),
      HOUR,
    ),
  ).toBe(NOT_DAILY)
  expect(dailyOf(usageOf(3, wave), HOUR)).toBe(NOT_DAILY)
  expect(dailyOf({ times: [], values: [] }, HOUR)).toBe(NOT_DAILY)
})

it('needs every time of day, on days that are known', () => {
  const isKnown = (hour: number): boolean => hour % 24 !== 5
  expect(dailyOf(usageOf(9, wave, isKnown), HOUR)).toBe(NOT_DAILY)
  expect(
    dailyOf(
      usageOf(9, wave, (hour) => hour !== 50),
      HOUR,
    ).most,
  ).toBeGreaterThan(0.09)
})
