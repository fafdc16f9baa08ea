import { describe, expect, it } from 'vitest'
import { capacityText } from '../../../analysis/capacity/advice.ts'
import { type Capacity, capacityOf } from '../../../analysis/capacity/capacity.ts'
import { randomFrom } from '../../../bench/rankings/measures.ts'

const now = Date.UTC(2026, 5, 1)

/** One value per hour. `at` gets the days before now. */
function assess(days: number, at: (daysAgo: number) => number): Capacity {
  const hours = Array.from({ length: days * 24 }, (_, hour) => days * 24 - hour)
  const stray = (hour: number) => Math.sin(hour * 12.9898) * 0.002
  const times = hours.map((hour) => now - hour * 3_600_000)
  const found = capacityOf(
    { times, values: hours.map((hour) => at(hour / 24) + stray(hour)) },
    { now, forecastDays: 30, limited: true },
  )
  if (found === null) throw new Error('too little history')
  return found
}
const told = (found: Capacity) => capacityText('data', 'disk', found, true)

describe('the current usage pattern', () => {
  it('starts when the volume was resized', () => {
    // two points a day; the size was doubled ten days ago
    const found = assess(40, (ago) => (ago > 10 ? 2 : 1) * Math.max(0.02, 0.66 - ago * 0.02))
    expect(found.trend).toBe('increasing')
    expect(found.days).toBeGreaterThan(16)
    expect(found.days).toBeLessThan(18)
    expect(found.peak).toBeLessThan(0.67)
    expect(found.changed).toMatchObject({ kind: 'stepped' })
    expect(found.changed?.days).toBeCloseTo(10, 0)
    expect(told(found).en).toContain('Usage stepped to a new level 10 days ago')
    expect(told(found).zh).toContain('10 天前用量比例一次性改變')
  })

  it.each([0.3, 0.5, 0.7])(
    'starts when the volume was resized, even if the mean of that hour is of %d of both sizes',
    (part) => {
      const size = (ago: number): number => (ago > 10 ? 2 : ago === 10 ? 1 + part : 1)
      const found = assess(40, (ago) => size(ago) * Math.max(0.02, 0.66 - ago * 0.02))
      expect(found.changed).toMatchObject({ kind: 'stepped' })
      expect(found.changed?.days).toBeCloseTo(10, 0)
      expect(found.peak).toBeLessThan(0.67)
    },
  )

  it('is too short for a date if the volume was resized yesterday', () => {
    const found = assess(60, (ago) => (ago > 1 ? 2 : 1) * (0.48 - ago * 0.005))
    expect(found).toMatchObject({ tooShort: true, days: null, crossings: [] })
    expect(found.present).toBeCloseTo(0.48, 1)
    expect(told(found).en).toMatch(/1\.0 days of history, too short to tell a trend.*; p95 is 48 %/)
  })

  it('starts when the slope of months changed', () => {
    for (const days of [3, 5, 9]) {
      const found = assess(120, (ago) => 0.4 + Math.max(0, days - ago) * (0.4 / days))
      expect(found.days, `${days} days`).toBeGreaterThan(days / 2 - 0.4)
      expect(found.days, `${days} days`).toBeLessThan(days / 2 + 0.4)
      expect(found.changed).toMatchObject({ kind: 'bent' })
      expect(told(found).en).toContain('days old; earlier data is left out')
    }
  })

  it('is flat where retention keeps a volume at a level, however long it took to fill', () => {
    for (const [filled, kept] of [
      [60, 60],
      [20, 40],
      [100, 20],
      [200, 160],
    ] as const) {
      const found = assess(filled + kept, (ago) => 0.2 + 0.6 * Math.min(1, (filled + kept - ago) / filled))
      expect(found, `${filled} then ${kept} days`).toMatchObject({ trend: 'stable', days: null })
      expect(found.changed?.kind).toBe('bent')
      expect(Math.abs(found.changed!.days - kept) / kept).toBeLessThan(0.12)
    }
  })

  it('starts where months of growth began, though that is half of the history', () => {
    const found = assess(60, (ago) => 0.3 + 0.4 * Math.max(0, 1 - ago / 30))
    expect(found.days).toBeGreaterThan(21)
    expect(found.days).toBeLessThan(24)
  })

  it('is not cut by noise', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const random = randomFrom(seed)
      const daily = Array.from({ length: 61 }, () => 0.05 * random())
      expect(assess(60, (ago) => 0.5 - ago * 0.002 + daily[Math.floor(ago)]!).changed).toBeNull()
    }
  })

  it('is not cut by recurring or temporary steps', () => {
    const weekly = assess(70, (ago) => 0.5 + (7 - (ago % 7)) * 0.05)
    expect(weekly).toMatchObject({ trend: 'stable', changed: null })
    const burst = assess(60, (ago) => 0.3 + (ago > 20 && ago < 21 ? 0.4 : 0) + (60 - ago) * 0.002)
    expect(burst).toMatchObject({ trend: 'increasing', changed: null })
    const nightly = assess(60, (ago) => 0.4 + (ago % 1 < 0.2 ? 0.3 : 0))
    expect(nightly).toMatchObject({ trend: 'stable', changed: null })
    expect(assess(60, (ago) => 0.9 - ago * 0.01)).toMatchObject({ trend: 'increasing', changed: null })
  })
})
