import fc from '../../properties/seeded.ts'
import { describe, expect, it } from 'vitest'
import { adviceOn, capacityText } from '../../../analysis/capacity/advice.ts'
import {
  type Capacity,
  capacityOf,
  type CapacityOptions,
  DAY_MS,
  type Usage,
} from '../../../analysis/capacity/capacity.ts'

const now = Date.UTC(2026, 5, 1)
const HOUR = 3_600_000

/** One value per hour, the last an hour ago. `at` gets the hours since the first. */
function usage(days: number, at: (hour: number) => number): Usage {
  const hours = days * 24
  const indexes = Array.from({ length: hours }, (_, hour) => hour)
  return { times: indexes.map((hour) => now - (hours - hour) * HOUR), values: indexes.map(at) }
}
/** Deterministic, irregular noise. */
const noise = (hour: number) => Math.sin(hour * 12.9898) * 0.01 + Math.sin(hour * 0.7311) * 0.01
const assess = (history: Usage, over: Partial<CapacityOptions> = {}): Capacity => {
  const found = capacityOf(history, { now, forecastDays: 30, limited: true, ...over })
  if (found === null) throw new Error('too little history')
  return found
}

describe('capacity', () => {
  it('predicts when usage that grows by one percent a day from 60 % reaches the limit, within the interval', () => {
    const found = assess(usage(60, (hour) => 0.6 - (60 * 24 - hour) * (0.01 / 24) + noise(hour)))
    expect(found.trend).toBe('increasing')
    expect(found.days).toBeGreaterThan(37)
    expect(found.days).toBeLessThan(43)
    expect(found.earliestDays ?? Infinity).toBeLessThan(40)
    expect(found.latestDays ?? 0).toBeGreaterThan(40)
    expect(found.growthPerMonth).toBeCloseTo(50, -1)
    expect(found.crossings[0]?.threshold).toBe(0.8)
    expect(found.crossings[0]?.days ?? 0).toBeCloseTo(20, -1)
    expect(found.points.filter(({ predicted }) => predicted !== null)).toHaveLength(30)
    expect(capacityText('cart', 'memory', found, true).en).toMatch(
      /^cart: memory is increasing .* reaches its limit in 4\d days/,
    )
  })

  it('calls noisy usage stable, without a date', () => {
    const found = assess(usage(60, (hour) => 0.5 + noise(hour) * 3))
    expect(found).toMatchObject({ trend: 'stable', days: null, crossings: [] })
    expect(found.growthPerMonth).toBe(0)
    expect(adviceOn(found, 30)).toBeNull()
    expect(capacityText('cart', 'memory', found, true).zh).toContain('持平')
  })

  it('detects decreasing usage, and no trend in a daily pattern', () => {
    expect(assess(usage(40, (hour) => 0.9 - hour * 0.0005 + noise(hour))).trend).toBe('decreasing')
    expect(assess(usage(40, (hour) => 0.5 + 0.3 * Math.sin((hour / 24) * 2 * Math.PI))).trend).toBe('stable')
  })

  it('finds no trend in part of a daily pattern, and says that the history is too short', () => {
    const daily = (hour: number) => 0.5 + 0.3 * Math.sin((hour / 24) * 2 * Math.PI)
    const history = (hours: number): Usage => {
      const { times, values } = usage(10, daily)
      return { times: times.slice(-hours), values: values.slice(-hours) }
    }
    for (let hours = 30; hours <= 240; hours += 6)
      expect(assess(history(hours)), `${hours} h`).toMatchObject({ trend: 'stable', days: null, crossings: [] })
    const short = assess(history(42))
    expect(short.tooShort).toBe(true)
    expect(capacityText('cart', 'memory', short, true).en).toMatch(/1\.8 days of history, too short to tell a trend/)
    expect(capacityText('cart', 'memory', short, true).zh).toContain('不足以區分趨勢')
    expect(assess(usage(5, (hour) => daily(hour) / 2 + hour / 500))).toMatchObject({
      trend: 'increasing',
      tooShort: false,
    })
  })

  it('calls a significant but very small trend stable', () => {
    const slightest = assess(usage(60, (hour) => 0.5 - hour * 1e-7))
    expect(slightest).toMatchObject({ trend: 'stable', growthPerMonth: 0, days: null })
    expect(assess(usage(60, (hour) => 0.5 - hour * 2e-5)).trend).toBe('decreasing')
  })

  it('is robust to a few outliers', () => {
    const found = assess(usage(60, (hour) => (hour > 1400 ? 5 : 0.4 + noise(hour))))
    expect(found.days).toBeNull()
  })

  it('reports usage at the limit and advises to scale at once', () => {
    const found = assess(usage(30, (hour) => 1.02 + noise(hour) / 10))
    expect(found.days).toBe(0)
    expect(found.crossings.map(({ days }) => days)).toEqual([0, 0, 0])
    const advice = adviceOn(found, 30)
    expect(advice).toMatchObject({ type: 'scale_up', priority: 'immediate', recommended: 1.5 })
    expect(advice?.reasoning.en).toContain('102 %')
  })

  it('caps the forecast of a share at its limit, and reports the demand', () => {
    const found = assess(
      usage(40, (hour) => 0.4 + hour * 0.0005 + noise(hour)),
      { forecastDays: 90 },
    )
    expect(found.expected.mean).toBe(1)
    expect(Math.max(...found.points.flatMap(({ predicted, upper }) => [predicted ?? 0, upper ?? 0]))).toBe(1)
    expect(found.days).toBeGreaterThan(0)
    const advice = adviceOn(found, 90)
    expect(advice?.recommended).toBeGreaterThan(1.9 / 0.7)
    expect(advice?.reasoning.en).toMatch(/100 % forecast in 90 days \(.* to 100 %\), demand 19\d %\./)
    expect(advice?.reasoning.zh).toMatch(/，需求 19\d %/)
    expect(assess(usage(40, (hour) => 0.8 + hour * 0.0005)).expected.mean).toBeGreaterThan(1.5)
  })

  it('reports usage at or above the limit whatever the trend', () => {
    const told = (at: (hour: number) => number) => {
      const { en, zh } = capacityText('cart', 'memory', assess(usage(30, at)), true)
      return [en, zh]
    }
    expect(told(() => 0.998)).toEqual([
      'cart: memory is at its limit at 100 % (30 days of history: stable).',
      'cart：memory 已達到上限，用量 100 %（依 30 天歷史：持平）。',
    ])
    const [en, zh] = told((hour) => 1.8 - hour / 1440)
    expect(en).toMatch(/^cart: memory is over its limit at 130 % \(.*: decreasing \(-\d/)
    expect(zh).toContain('已超過上限')
    expect(told((hour) => (hour % 24 < 6 ? 1 : 0.5))[0]).toMatch(/stable at 100 % .*; it reaches its limit at times\.$/)
    const { times, values } = usage(1, () => 1.2)
    expect(capacityText('cart', 'memory', assess({ times, values }), true).en).toMatch(/over its limit.*too short/)
  })

  it('names the target utilization of the recommended allocation', () => {
    const advice = adviceOn(assess(usage(30, () => 0.95)), 30)
    expect(advice?.reasoning.en).toContain('at or below 70 %')
    expect(advice?.reasoning.zh).toContain('不超過建議配置的 70 %')
  })

  it('says if the history ends long before now', () => {
    const { times, values } = usage(60, () => 0.5)
    const told = (daysAgo: number) => capacityText('cart', 'memory', assess({ times: times.map((time) => time - daysAgo * DAY_MS), values }), true) // prettier-ignore
    expect(told(0).en).not.toContain('ended')
    expect(told(20).en).toContain('No data for the last 20 days.')
    expect(told(20).zh).toContain('最近 20 天沒有資料。')
  })

  it('raises the priority as the limit approaches, and advises to scale down idle resources', () => {
    const growing = (level: number) => assess(usage(60, (hour) => level - (60 * 24 - hour) * (0.01 / 24) + noise(hour)))
    expect(adviceOn(growing(0.82), 30)).toMatchObject({ type: 'scale_up', priority: 'medium' })
    expect(adviceOn(growing(0.87), 30)).toMatchObject({ type: 'scale_up', priority: 'high' })
    expect(adviceOn(growing(0.2), 30)).toBeNull()
    expect(adviceOn(assess(usage(60, (hour) => 0.1 + noise(hour))), 30)).toMatchObject({
      type: 'scale_down',
      priority: 'low',
    })
  })

  it('gives no date if the limit is unknown', () => {
    const found = assess(
      usage(60, (hour) => 1e9 + hour * 1e6),
      { limited: false },
    )
    expect(found).toMatchObject({
      trend: 'increasing',
      days: null,
      earliestDays: null,
      latestDays: null,
      crossings: [],
    })
    expect(capacityText('cart', 'network', found, false).en).toContain('its limit is unknown')
  })

  it('returns null for too little, empty or future data', () => {
    const options = { now, forecastDays: 30, limited: true }
    expect(capacityOf({ times: [], values: [] }, options)).toBeNull()
    expect(capacityOf({ times: [1, 2, 3], values: [0.1, 0.2, 0.3] }, options)).toBeNull()
    const { times, values } = usage(60, () => 0.5)
    expect(capacityOf({ times: times.map((time) => time + 90 * DAY_MS), values }, options)).toBeNull()
    expect(capacityOf({ times, values: values.map(() => Number.NaN) }, options)).toBeNull()
  })

  it('ignores missing values and uses the last value of a repeated timestamp', () => {
    const { times, values } = usage(60, (hour) => 0.5 + noise(hour))
    const holes = values.map((value, hour) => (hour % 5 === 0 ? Number.NaN : hour % 7 === 0 ? Infinity : value))
    expect(assess({ times, values: holes })).toMatchObject({ trend: 'stable', days: null })
    const twice = { times: [...times, ...times], values: [...values.map(() => 9), ...values] }
    expect(assess(twice)).toEqual(assess({ times, values }))
  })

  it('does not depend on the order of samples, and scales with them', () => {
    const history = usage(40, (hour) => 0.3 + hour * 0.0002 + noise(hour))
    const before = assess(history)
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 0.99, noNaN: true }), fc.integer(), (factor, seed) => {
        const order = history.times.map((time, at) => ({ time, value: (history.values[at] ?? 0) * factor }))
        order.sort((a, b) => Math.sin(a.time + seed) - Math.sin(b.time + seed))
        const after = assess({ times: order.map(({ time }) => time), values: order.map(({ value }) => value) })
        expect(after.trend).toBe(before.trend)
        expect(after.peak / factor).toBeCloseTo(before.peak, 9)
        expect(after.expected.mean / factor).toBeCloseTo(before.expected.mean, 9)
        expect(after.growthPerMonth ?? 0).toBeCloseTo(before.growthPerMonth ?? 0, 6)
      }),
      { numRuns: 20 },
    )
  })
})
