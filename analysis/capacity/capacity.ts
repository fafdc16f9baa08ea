/**
 * When what a resource uses reaches its limit. The line is Sen's (1968): the median of all slopes, which a few outliers do not bend, with
 * his interval of the slope; a slope whose interval holds zero is no trend, nor is one too slight to act on. It goes through the means of whole
 * days, because part of a daily rhythm looks like a trend; a history of fewer days than four therefore has none. Around the line stands what the history strayed from it.
 * Only the time in which it has been used as it is now counts: regime.ts.
 */
import { median, quantileOf } from '../metrics/robust.ts'
import { type Sample, senSlope, type Slope } from '../metrics/slope.ts'
import { ofNow, type Regime } from './regime.ts'

export interface Usage {
  /** ms since the epoch, in any order; of a repeated instant the last counts */
  times: readonly number[]
  /** share of the limit (1 is all of it), or an amount where `limit` is null; what is not finite is left out */
  values: readonly number[]
}

export type Trend = 'increasing' | 'stable' | 'decreasing'

export interface CapacityPoint {
  /** ms since the epoch, the middle of its bucket */
  time: number
  historical: number | null
  predicted: number | null
  lower: number | null
  upper: number | null
}

export interface Crossing {
  /** share of the limit */
  threshold: number
  /** days from now; 0: it is reached already */
  days: number
}

export interface Capacity {
  average: number
  peak: number
  percentile95: number
  /** where the line stands now */
  present: number
  /** stable too where the history is too short to tell */
  trend: Trend
  /** fewer whole days than tell a trend from a daily rhythm */
  tooShort: boolean
  /** growth a month of 30 days, in percent of the present level; null where that level is zero */
  growthPerMonth: number | null
  /** days until the line reaches the limit; null: not within what can be said */
  days: number | null
  /** the same for the upper and the lower bound */
  earliestDays: number | null
  latestDays: number | null
  /** thresholds that the line reaches within the days asked about */
  crossings: Crossing[]
  /** at the end of the days asked about, share of the limit */
  expected: { mean: number; lower: number; upper: number }
  /** what it would use by then were there no limit */
  demand: number
  points: CapacityPoint[]
  historyDays: number
  /** why what came before is left out, and for how many days it has been as it is; null: all of the history counts */
  changed: { kind: Regime['kind']; days: number } | null
  /** days since the last sample */
  silentDays: number
}

export interface CapacityOptions {
  /** ms since the epoch */
  now: number
  forecastDays: number
  /** whether values are shares of a limit; without one nothing can be reached */
  limited: boolean
  /** of the intervals, between 0 and 1 */
  level?: number
}

export const DAY_MS = 86_400_000
const THRESHOLDS: readonly number[] = [0.8, 0.9, 1]
/** Share of the present level a month: slower growth than this is no trend anybody acts on, however sure it is. */
const SLIGHT_A_MONTH = 0.01
/** Fewer buckets say nothing about a trend. */
const FEWEST = 8
const MOST = 90
/** Three rising in a row happen by chance once in six times. */
const FEWEST_DAYS = 4
/** What a day may lack at its beginning. */
const LACKING_MS = DAY_MS / 8
const FLAT: Slope = { estimate: 0, lower: 0, upper: 0 }
const SMALLEST_BUCKET_MS = 60_000

/** null: too little history, fewer than eight buckets with samples. */
export function capacityOf(usage: Usage, options: CapacityOptions): Capacity | null {
  const { now, forecastDays, limited, level = 0.95 } = options
  const { samples, regime } = ofNow(cleaned(usage, now), dayMeans)
  const buckets = bucketed(samples)
  const [first, last] = [buckets[0], buckets.at(-1)]
  if (first === undefined || last === undefined || buckets.length < FEWEST) return null
  // what left its line rose by more than a day ever strays, so that parts of days tell
  const days = regime?.kind === 'bent' ? buckets : dayMeans(samples)
  const tooShort = days.length < FEWEST_DAYS
  const slope = tooShort ? FLAT : senSlope(days, level)
  const trend = trendOf(slope, median(buckets.map(({ value }) => value)))
  const rate = trend === 'stable' ? 0 : slope.estimate
  const present = median(buckets.map(({ time, value }) => value + rate * (now - time)))
  const strayed = buckets.map(({ time, value }) => Math.abs(value - present - rate * (time - now)))
  const band = quantileOf(strayed, level)
  const rates = trend === 'stable' ? { lower: Math.min(0, slope.lower), upper: Math.max(0, slope.upper) } : slope
  const values = samples.map(({ value }) => value)
  // a share is never above all of it, unless it was
  const most = limited && values.every((value) => value <= 1) ? 1 : Infinity
  const within = (value: number): number => Math.min(most, Math.max(0, value))
  const at = (ms: number) => ({
    mean: within(present + rate * ms),
    lower: within(present - band + rates.lower * ms),
    upper: within(present + band + rates.upper * ms),
  })
  // beyond as long as there is history, a line is a guess; the days asked about are answered all the same
  const farthest = Math.max(forecastDays, (now - first.time) / DAY_MS)
  const reach = (threshold: number, from: number, perMs: number): number | null => {
    if (from >= threshold) return 0
    const inDays = perMs > 0 ? (threshold - from) / perMs / DAY_MS : Number.POSITIVE_INFINITY
    return inDays <= farthest ? inDays : null
  }
  return {
    average: values.reduce((sum, value) => sum + value, 0) / values.length,
    peak: values.reduce((top, value) => Math.max(top, value), Number.NEGATIVE_INFINITY),
    percentile95: quantileOf(values, 0.95),
    present,
    trend,
    tooShort,
    growthPerMonth: present === 0 ? null : ((rate * 30 * DAY_MS) / Math.abs(present)) * 100,
    days: limited ? reach(1, present, rate) : null,
    earliestDays: limited ? reach(1, present + band, rates.upper) : null,
    latestDays: limited ? reach(1, present - band, rates.lower) : null,
    crossings: limited
      ? THRESHOLDS.flatMap((threshold) => {
          const inDays = reach(threshold, present, rate)
          return inDays !== null && inDays <= forecastDays ? [{ threshold, days: inDays }] : []
        })
      : [],
    expected: at(forecastDays * DAY_MS),
    demand: present + rate * forecastDays * DAY_MS,
    points: [
      ...buckets.map(({ time, value }) => ({ time, historical: value, predicted: null, lower: null, upper: null })),
      ...Array.from({ length: forecastDays }, (_, day) => {
        const { mean, lower, upper } = at((day + 1) * DAY_MS)
        return { time: now + (day + 1) * DAY_MS, historical: null, predicted: mean, lower, upper }
      }),
    ],
    historyDays: (now - first.time) / DAY_MS,
    changed: regime === null ? null : { kind: regime.kind, days: (now - regime.start) / DAY_MS },
    silentDays: (now - samples.at(-1)!.time) / DAY_MS,
  }
}

/** Certain, and large enough to matter: years of regular samples make the slightest slope certain. */
function trendOf({ estimate, lower, upper }: Slope, level: number): Trend {
  if (Math.abs(estimate) * 30 * DAY_MS < SLIGHT_A_MONTH * Math.abs(level)) return 'stable'
  if (lower > 0) return 'increasing'
  return upper < 0 ? 'decreasing' : 'stable'
}

/** In order, once each, finite, and not of the future. */
function cleaned({ times, values }: Usage, now: number): Sample[] {
  const byTime = new Map<number, number>()
  for (const [index, time] of times.entries()) {
    const value = values[index]
    if (value !== undefined && Number.isFinite(value) && Number.isFinite(time) && time <= now) byTime.set(time, value)
  }
  return [...byTime].map(([time, value]) => ({ time, value })).sort((a, b) => a.time - b.time)
}

/** Of whole days, counted back from the last sample. */
function dayMeans(samples: readonly Sample[]): Sample[] {
  const [first, last] = [samples[0], samples.at(-1)]
  if (first === undefined || last === undefined) return []
  const groups = Map.groupBy(samples, ({ time }) => Math.floor((last.time - time) / DAY_MS))
  return [...groups]
    .filter(([back]) => first.time <= last.time - (back + 1) * DAY_MS + LACKING_MS)
    .map(([, group]) => meanOf(group))
}

/** The mean of each day; of a shorter history of each ninetieth part. A bucket without samples is left out, never zero. */
function bucketed(samples: readonly Sample[]): Sample[] {
  const [first, last] = [samples[0], samples.at(-1)]
  if (first === undefined || last === undefined) return []
  const span = last.time - first.time
  const width = span >= FEWEST * 2 * DAY_MS ? DAY_MS : Math.max(SMALLEST_BUCKET_MS, span / MOST)
  const groups = Map.groupBy(samples, ({ time }) => Math.floor((time - first.time) / width))
  return [...groups.values()].map(meanOf)
}

const meanOf = (group: readonly Sample[]): Sample => ({
  time: group.reduce((sum, { time }) => sum + time, 0) / group.length,
  value: group.reduce((sum, { value }) => sum + value, 0) / group.length,
})
