/**
 * When a series is full, if it goes on like this. The line and its interval are those of `analysis/capacity`, asked at several scales: a leak of minutes shows in
 * steps, a disk of weeks in means of days. Means of days contain the daily pattern, so any trend of theirs counts. At the finer scales a rise must be new:
 * nothing like it was seen in a time three times as long before it, unless that ended full. What is known of the daily pattern is taken out before a line is
 * fitted, and counts again when the line comes near the limit.
 */
import { largest } from '../extremes.ts'
import { type Capacity, capacityOf, DAY_MS, type Usage } from '../capacity/capacity.ts'
import { quantileOf } from '../metrics/robust.ts'
import { type Sample, senSlope } from '../metrics/slope.ts'
import { type Daily, dailyOf, withoutDaily } from './daily.ts'
import type { History } from './history.ts'

export interface Fill {
  /** ms since the epoch; the interval holds the moment with the probability that was asked for; `latest` null: it may never be full */
  at: number
  earliest: number
  latest: number | null
  /** start of the rise, or of what is known of it, ms since the epoch */
  since: number
  /** the line: shares of the limit, per day */
  line: Capacity['line'] & Pick<Capacity, 'present'>
  /** what the time of day adds to the line */
  daily: Daily
}

export interface FillOptions {
  /** ms since the epoch */
  now: number
  /** ms within which it must be full */
  horizonMs: number
  /** between 0 and 1 */
  level: number
  /** it was foretold already: that the rise is new need not be shown again */
  isTold: boolean
}

/** How many times the length of a rise is predicted. */
const REACH = 3
/** A rise whose second half is this much slower than the whole is about to end. */
const SLOWED = 0.5
/** How many times the length of a rise must be known before it, so that a day is no rise of its morning. */
const KNOWN = 3
/** A rise this much smaller than the present one is not like it. */
const ALIKE = 0.7
/** A rise that ended this high ended full. */
const FULL_BEFORE = 0.95
const NEVER_DAYS = 3650
const HOUR_MS = DAY_MS / 24
const FEWEST = 8
/** Samples for a slope, whose computing time grows with their square. */
const ENOUGH = 60

/** At one scale of the history; null: not within the horizon, or not credible. */
export function fillAt(history: History, scale: number, options: FillOptions): Fill | null {
  const { isTold } = options
  // by night a daily pattern hides a rise that is known
  if (!isTold && !mayFill(history.usage(scale))) return null
  const coarsest = history.scales.length - 1
  const { width } = history.scales[scale]!
  const daily = dailyOf(history.usage(coarsest), history.scales[coarsest]!.width)
  const usages = history.scales.map((_, at) => withoutDaily(history.usage(at), daily))
  const usage = usages[scale]!
  if (!mayFill(usage)) return null
  const isCoarsest = scale === coarsest
  if (!isTold && !isCoarsest && wasHereBefore(usage, usages[coarsest]!, width * history.scales[scale]!.count))
    return null
  const known = { ...options, daily, steps: samplesOf(usages[0]!) }
  const byDay = isCoarsest && width <= DAY_MS ? filledBy(usage, DAY_MS, known) : null
  const fill = byDay ?? filledBy(usage, width, known)
  if (fill === null || fill.at - options.now > options.horizonMs) return null
  if (fill === byDay || isTold) return fill
  return isNew(fill, usages.slice(scale).flatMap(samplesOf), options.now) ? fill : null
}

/** Whether the limit may be within reach. On a line, the last value is half the rise above the mean. */
function mayFill({ values }: Usage): boolean {
  const last = values.at(-1)
  if (last === undefined || values.length < FEWEST) return false
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return last > mean && (last - mean) * 2 * REACH >= (1 - last) / 2
}

/** Whether it was as high before the `length` ms that the scale shows, and did not get full. Cheaper than any slope, and true of most that rises by day. */
function wasHereBefore({ times, values }: Usage, earlier: Usage, length: number): boolean {
  const before = earlier.values.filter((_, at) => earlier.times[at]! < times.at(-1)! - length)
  const top = largest(before)
  return top >= values.at(-1)! && top < FULL_BEFORE
}

interface Known extends FillOptions {
  daily: Daily
  /** at the finest scale, without the daily pattern */
  steps: readonly Sample[]
}

function filledBy(usage: Usage, period: number, { now, level, horizonMs, daily, steps }: Known): Fill | null {
  const capacity = capacityOf(usage, { now, forecastDays: 0, limited: true, level, period, reach: REACH })
  if (capacity === null || capacity.tooShort || capacity.trend !== 'increasing' || capacity.days === null) return null
  const { changed, historyDays, present, line } = capacity
  // what has been rising since it is known may be a part of any pattern
  if (changed === null && period < DAY_MS) return null
  const since = now - (changed?.days ?? historyDays) * DAY_MS
  if (hasSlowed(samplesOf(usage), since, line.perDay / DAY_MS)) return null
  // full is when it first touches the limit, and what strays above the line does so before it; means hide how far
  const strays = steps.flatMap(({ time, value }) => (time < since ? [] : value - present - (line.perDay * (time - now)) / DAY_MS)) // prettier-ignore
  const band = Math.max(line.band, strays.length === 0 ? 0 : quantileOf(strays, level))
  const reaches = (left: number, perDay: number): number => reachesAt({ left, perDay, now, until: now + horizonMs, daily }) // prettier-ignore
  const left = Math.max(0, 1 - present - band)
  const latest = latestOf(now, 1 - present, line.lower)
  return {
    at: reaches(left, line.perDay),
    earliest: reaches(left, line.upper),
    latest: latest === null ? null : Math.max(reaches(left, line.perDay), latest),
    since,
    line: { ...line, band, present },
    daily,
  }
}

interface Reach {
  left: number
  perDay: number
  now: number
  until: number
  daily: Daily
}

/** When the line touches the limit, together with what the time of day adds; looked at hour by hour, until `until`. */
function reachesAt({ left, perDay, now, until, daily }: Reach): number {
  const alone = (more: number): number => now + (Math.max(0, left - more) / perDay) * DAY_MS
  const end = Math.min(alone(daily.least), Math.max(alone(0), until))
  let at = alone(daily.most)
  while (at < end && (perDay * (at - now)) / DAY_MS + daily.at(at) < left) at += HOUR_MS
  return Math.min(at, end)
}

/** So late that it may as well never be full; and no date in milliseconds could say it. */
function latestOf(now: number, left: number, perDay: number): number | null {
  const days = left / perDay
  return perDay > 0 && days <= NEVER_DAYS ? now + days * DAY_MS : null
}

function hasSlowed(samples: readonly Sample[], since: number, rate: number): boolean {
  const half = samples.filter(({ time }) => time >= (since + samples.at(-1)!.time) / 2)
  if (half.length < 2) return false
  const every = Math.ceil(half.length / ENOUGH)
  return senSlope(half.filter((_, at) => at % every === 0), 0.95).estimate < SLOWED * rate // prettier-ignore
}

const samplesOf = ({ times, values }: Usage): Sample[] => times.map((time, at) => ({ time, value: values[at]! }))

function isNew({ since, line }: Fill, samples: readonly Sample[], now: number): boolean {
  const length = now - since
  const before = samples.filter(({ time }) => time <= since).sort((a, b) => a.time - b.time)
  if (before.length === 0 || since - before[0]!.time < KNOWN * length) return false
  const rise = (line.perDay * length) / DAY_MS
  return risesOf(before, length).every((one) => one.rise < ALIKE * rise || one.to >= FULL_BEFORE)
}

/** The rise up to each sample from the lowest within `length` before it. */
function risesOf(samples: readonly Sample[], length: number): { rise: number; to: number }[] {
  /** indexes of what may become the lowest, in ascending order of time and value */
  const lowest: number[] = []
  return samples.map(({ time, value }, at) => {
    while (lowest.length > 0 && samples[lowest.at(-1)!]!.value >= value) lowest.pop()
    lowest.push(at)
    while (samples[lowest[0]!]!.time < time - length) lowest.shift()
    return { rise: value - samples[lowest[0]!]!.value, to: value }
  })
}
