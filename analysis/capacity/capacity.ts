/**
 * Estimates when a resource reaches its limit. The trend is Sen's slope (1968), the median of all pairwise slopes, which is robust to
 * outliers, with its confidence interval. A slope whose interval contains zero, or that is too small to act on, is no trend. It is fitted to
 * means of whole days, because part of a daily pattern looks like a trend; so a history under four days has no trend. The bounds around the
 * line are the residuals of the history. Only data since the last change of usage counts (see regime.ts).
 */
import { median, quantileOf } from '../metrics/robust.ts'
import { type Sample, senSlope, type Slope } from '../metrics/slope.ts'
import { ofNow, type Regime } from './regime.ts'

export interface Usage {
  /** ms since the epoch, in any order; the last value of a repeated timestamp counts */
  times: readonly number[]
  /** share of the limit (1 = the limit), or an absolute amount if the limit is unknown; non-finite values are ignored */
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
  /** days from now; 0: already reached */
  days: number
}

export interface Capacity {
  average: number
  peak: number
  percentile95: number
  /** value of the trend line now */
  present: number
  /** also `stable` if the history is too short */
  trend: Trend
  /** too few whole days to distinguish a trend from a daily pattern */
  tooShort: boolean
  /** growth of the trend line per day, and how far the history strays from the line */
  line: { perDay: number; lower: number; upper: number; band: number }
  /** growth per 30 days, in percent of the present level; null if that level is zero */
  growthPerMonth: number | null
  /** days until the line reaches the limit; null: not within the range that can be predicted */
  days: number | null
  /** the same for the upper and the lower bound */
  earliestDays: number | null
  latestDays: number | null
  /** thresholds the line reaches within `forecastDays` */
  crossings: Crossing[]
  /** forecast at the end of `forecastDays`, as share of the limit */
  expected: { mean: number; lower: number; upper: number }
  /** forecast at the same time without the cap at the limit */
  demand: number
  points: CapacityPoint[]
  historyDays: number
  /** why earlier data is left out, and how many days are used; null: the whole history is used */
  changed: { kind: Regime['kind']; days: number } | null
  /** days since the last sample */
  silentDays: number
}

export interface CapacityOptions {
  /** ms since the epoch */
  now: number
  forecastDays: number
  /** whether values are shares of a limit; without a limit there are no crossings */
  limited: boolean
  /** coverage of the intervals, between 0 and 1 */
  level?: number
  /** ms whose means are compared, long enough to contain any recurring pattern; default a day */
  period?: number
  /** how many times the length of the history is predicted, at least `forecastDays`; default 1 */
  reach?: number
}

export const DAY_MS = 86_400_000
const THRESHOLDS: readonly number[] = [0.8, 0.9, 1]
/** Share of the present level per month: slower growth is too small to act on, however significant. */
const SLIGHT_A_MONTH = 0.01
/** Minimum number of buckets. */
const FEWEST = 8
const MOST = 90
/** Minimum number of days for a trend: three days in ascending order occur by chance once in six. */
const FEWEST_DAYS = 4
/** A whole day may lack this share of it at its start. */
const LACKING = 1 / 8
const FLAT: Slope = { estimate: 0, lower: 0, upper: 0 }
const SMALLEST_BUCKET_MS = 60_000

/** null: too little history (fewer than eight buckets with samples). */
export function capacityOf(usage: Usage, options: CapacityOptions): Capacity | null {
  const { now, forecastDays, limited, level = 0.95, period = DAY_MS, reach: times = 1 } = options
  const means = (all: readonly Sample[]): Sample[] => periodMeans(all, period)
  const { samples, regime } = ofNow(cleaned(usage, now), means, period)
  const buckets = bucketed(samples, period)
  const [first, last] = [buckets[0], buckets.at(-1)]
  if (first === undefined || last === undefined || buckets.length < FEWEST) return null
  // after a bend the growth exceeds any daily variation, so parts of days can be used
  const days = regime?.kind === 'bent' ? buckets : means(samples)
  const tooShort = days.length < FEWEST_DAYS
  const slope = tooShort ? FLAT : senSlope(days, level)
  const trend = trendOf(slope, median(buckets.map(({ value }) => value)))
  const rate = trend === 'stable' ? 0 : slope.estimate
  const present = median(buckets.map(({ time, value }) => value + rate * (now - time)))
  const strayed = buckets.map(({ time, value }) => Math.abs(value - present - rate * (time - now)))
  const band = quantileOf(strayed, level)
  const rates = trend === 'stable' ? { lower: Math.min(0, slope.lower), upper: Math.max(0, slope.upper) } : slope
  const values = samples.map(({ value }) => value)
  // cap shares at 1, unless the history exceeded it
  const most = limited && values.every((value) => value <= 1) ? 1 : Infinity
  const within = (value: number): number => Math.min(most, Math.max(0, value))
  const at = (ms: number) => ({
    mean: within(present + rate * ms),
    lower: within(present - band + rates.lower * ms),
    upper: within(present + band + rates.upper * ms),
  })
  // do not extrapolate further than the history allows, except for the requested days
  const farthest = Math.max(forecastDays, (times * (now - first.time)) / DAY_MS)
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
    line: { perDay: rate * DAY_MS, lower: rates.lower * DAY_MS, upper: rates.upper * DAY_MS, band },
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

/** A trend must be significant and large enough to matter: with years of regular samples, any slope is significant. */
function trendOf({ estimate, lower, upper }: Slope, level: number): Trend {
  if (Math.abs(estimate) * 30 * DAY_MS < SLIGHT_A_MONTH * Math.abs(level)) return 'stable'
  if (lower > 0) return 'increasing'
  return upper < 0 ? 'decreasing' : 'stable'
}

/** Sorted, without duplicates, non-finite values or future samples. */
function cleaned({ times, values }: Usage, now: number): Sample[] {
  const byTime = new Map<number, number>()
  for (const [index, time] of times.entries()) {
    const value = values[index]
    if (value !== undefined && Number.isFinite(value) && Number.isFinite(time) && time <= now) byTime.set(time, value)
  }
  return [...byTime].map(([time, value]) => ({ time, value })).sort((a, b) => a.time - b.time)
}

/** Means of whole periods, such as days, counted back from the last sample. */
function periodMeans(samples: readonly Sample[], period: number): Sample[] {
  const [first, last] = [samples[0], samples.at(-1)]
  if (first === undefined || last === undefined) return []
  const groups = Map.groupBy(samples, ({ time }) => Math.floor((last.time - time) / period))
  return [...groups]
    .filter(([back]) => first.time <= last.time - (back + 1 - LACKING) * period)
    .map(([, group]) => meanOf(group))
}

/** Means per period, or per ninetieth part of a shorter history. Empty buckets are left out, not zero. */
function bucketed(samples: readonly Sample[], period: number): Sample[] {
  const [first, last] = [samples[0], samples.at(-1)]
  if (first === undefined || last === undefined) return []
  const span = last.time - first.time
  const width = span >= FEWEST * 2 * period ? period : Math.max(Math.min(SMALLEST_BUCKET_MS, period), span / MOST)
  const groups = Map.groupBy(samples, ({ time }) => Math.floor((time - first.time) / width))
  return [...groups.values()].map(meanOf)
}

const meanOf = (group: readonly Sample[]): Sample => ({
  time: group.reduce((sum, { time }) => sum + time, 0) / group.length,
  value: group.reduce((sum, { value }) => sum + value, 0) / group.length,
})
