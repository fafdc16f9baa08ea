/**
 * Finds earlier incidents in the baseline; with them in it, the next outage would look normal. Uses latency and errors, scaled by the good
 * side of the same series, which outages do not inflate (one-sided scale: Rousseeuw and Croux, 1993), with separate thresholds for start
 * and end, so that the edges are included (hysteresis: Canny, 1986).
 */
import { allRequestsOf, hurtFrom } from './hurt.ts'
import { directionOf, meaningOf } from './meaning.ts'
import type { Series, TimeRange } from '../observations.ts'
import { rememberedBy } from '../remembered.ts'
import { quantileOfSorted, sortedOf } from './robust.ts'
import { countWithin, lowerBound } from './samples.ts'

/** Thresholds in robust deviations: an incident starts above the first and lasts while above the second. */
const [BEGINS, LASTS] = [6, 2]
/** Shorter ones do not move a median. */
const FEWEST_SAMPLES = 3
const SHORTEST_MS = 60_000
/** A run that overlaps a worse one by at least this share of itself is merged into it. */
const ALIKE = 0.5
/** Minimum number of samples of a series. */
const FEWEST_KNOWN = 12
/** A series disturbed for a larger share of the time has no outages: that is its normal state. */
export const MINORITY = 0.4
/** The same for all series together. */
const RESTLESS = 0.8
/** Runs whose distances have a smaller coefficient of variation are a scheduled job, not incidents. */
const SCHEDULED = 0.2
/** The lowest decile, and its distance from the median in standard deviations of a normal distribution. */
const [TENTH, TENTH_IN_DEVIATIONS] = [0.1, 1.2816]
const RELATIVE_FLOOR = 0.02
const FAILURES_FLOOR = 0.005

/** A range in which a series deviated, with its largest deviation. */
export interface Run extends TimeRange {
  worst: number
}

/** Only this many runs are examined. */
const MOST_RUNS = 6

/** Possible incidents: the worst runs of these series, overlapping ones merged; ascending, within the baseline. */
export function suspectedIn(series: readonly Series[], baseline: TimeRange): TimeRange[] {
  const runs = series.flatMap((one) => runsOf(one, baseline)).sort((a, b) => b.worst - a.worst)
  if (lengthOf(merged(runs)) > RESTLESS * (baseline.end - baseline.start)) return []
  const found: Run[] = []
  for (const run of runs) {
    const known = found.find(({ start, end }) => run.start < end && start < run.end)
    if (known === undefined && found.length < MOST_RUNS) found.push({ ...run })
    else if (
      known !== undefined &&
      Math.min(known.end, run.end) - Math.max(known.start, run.start) >= ALIKE * (run.end - run.start)
    )
      // prettier-ignore
      Object.assign(known, { start: Math.min(known.start, run.start), end: Math.max(known.end, run.end) })
  }
  return merged(found)
}

/** A gap longer than this many typical steps is a pause. */
const PAUSE = 6

/** Ranges in which user-facing services reported nothing while others did. */
export function pausesIn(users: readonly Series[], all: readonly Series[], { start, end }: TimeRange): TimeRange[] {
  const lastOf = new Map<string, number>()
  for (const { service, times } of all)
    lastOf.set(service, Math.max(lastOf.get(service) ?? -Infinity, times[lowerBound(times, end) - 1] ?? -Infinity))
  return [...Map.groupBy(users, ({ service }) => service)].flatMap(([service, own]) => {
    const times = togetherOf(own.map((one) => one.times.subarray(lowerBound(one.times, start), lowerBound(one.times, end)))) // prettier-ignore
    if (times.length < FEWEST_KNOWN) return []
    const steps = times.subarray(1).map((time, index) => time - times[index]!).filter((step) => step > 0) // prettier-ignore
    const shortest = Math.max(PAUSE * quantileOfSorted(sortedOf(steps), 0.5), SHORTEST_MS)
    const last = [...lastOf].reduce((most, [other, at]) => (other === service ? most : Math.max(most, at)), -Infinity)
    const gaps: TimeRange[] = []
    for (let index = 1; index <= times.length; index++) {
      const gap = { start: times[index - 1]!, end: times[index] ?? last }
      if (gap.end - gap.start > shortest) gaps.push(gap)
    }
    return gaps.filter((gap) => all.some((one) => one.service !== service && countWithin(one.times, gap) >= FEWEST_SAMPLES)) // prettier-ignore
  })
}

function togetherOf(parts: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0))
  let used = 0
  for (const part of parts) {
    all.set(part, used)
    used += part.length
  }
  return all.sort()
}

export const lengthOf = (ranges: readonly TimeRange[]): number =>
  ranges.reduce((sum, { start, end }) => sum + end - start, 0)

export const isWithin = (instant: number, ranges: readonly TimeRange[]): boolean =>
  ranges.some(({ start, end }) => instant >= start && instant < end)

/** The series without the samples in `ranges`, which are ascending and disjoint. */
export function leftOut(series: Series, ranges: readonly TimeRange[]): Series {
  const { times, values } = series
  const gaps = ranges.map(({ start, end }) => ({ from: lowerBound(times, start), upTo: lowerBound(times, end) }))
  const left = gaps.reduce((sum, { from, upTo }) => sum - (upTo - from), times.length)
  if (left === times.length) return series
  const kept = [...gaps, { from: times.length, upTo: times.length }].map(({ from }, index) => [gaps[index - 1]?.upTo ?? 0, from] as const) // prettier-ignore
  const without = (all: Float64Array): Float64Array => {
    const rest = new Float64Array(left)
    let at = 0
    for (const [from, upTo] of kept) {
      rest.set(all.subarray(from, upTo), at)
      at += upTo - from
    }
    return rest
  }
  return { ...series, times: without(times), values: without(values) }
}

/** Ranges of one series in which users were affected. */
const runsOf = (series: Series, baseline: TimeRange): readonly Run[] =>
  remembered([series], `${baseline.start} ${baseline.end}`, () => runsIn(series, baseline))

const remembered = rememberedBy<readonly Run[]>()

function runsIn(series: Series, baseline: TimeRange): Run[] {
  const [from, upTo] = [lowerBound(series.times, baseline.start), lowerBound(series.times, baseline.end)]
  const badness = badnessOf(series, series.values.subarray(from, upTo))
  return badness === null ? [] : exceptionsIn(series, baseline, badness)
}

/** Ranges in which the series deviated; empty if that is its normal behaviour. `badness`: robust deviations of a value. */
export function exceptionsIn(series: Series, range: TimeRange, badness: (value: number) => number): Run[] {
  const runs = stretchesBeyond(series, range, badness)
  return isHabit(runs, range) ? [] : runs
}

export function stretchesBeyond(series: Series, range: TimeRange, badness: (value: number) => number): Run[] {
  const [from, upTo] = [lowerBound(series.times, range.start), lowerBound(series.times, range.end)]
  const [times, values] = [series.times.subarray(from, upTo), series.values.subarray(from, upTo)]
  const step = (times.at(-1)! - times[0]!) / (times.length - 1)
  const runs: Run[] = []
  for (let index = 0; index < times.length; index++) {
    if (!(badness(values[index]!) > BEGINS)) continue
    let [first, last] = [index, index]
    while (first > 0 && badness(values[first - 1]!) > LASTS) first--
    while (last + 1 < times.length && badness(values[last + 1]!) > LASTS) last++
    index = last
    if (!isLong(times, first, last)) continue
    const worst = values.subarray(first, last + 1).reduce((most, value) => Math.max(most, badness(value)), 0)
    runs.push({ start: times[first]! - step, end: Math.min(times[last]! + step, range.end), worst })
  }
  return runs
}

const isLong = (times: Float64Array, first: number, last: number): boolean =>
  last - first + 1 >= FEWEST_SAMPLES && times[last]! - times[first]! >= SHORTEST_MS

/** null: not latency or errors, or too few samples. */
function badnessOf(series: Series, values: Float64Array): ((value: number) => number) | null {
  const meaning = meaningOf(series)
  if (meaning !== 'latency' && meaning !== 'errors') return null
  const sorted = sortedOf(values.filter(Number.isFinite))
  if (sorted.length < FEWEST_KNOWN) return null
  const direction = directionOf(series, meaning)
  const center = quantileOfSorted(sorted, 0.5)
  const whole = meaning === 'errors' ? allRequestsOf(series, center) : null
  const scale = Math.max(calmScale(sorted, center, direction), whole === null ? RELATIVE_FLOOR * Math.abs(center) : FAILURES_FLOOR * whole) // prettier-ignore
  const hurts = hurtFrom(series, meaning, center) ?? Infinity
  return (value) => {
    const away = direction * (value - center)
    return away > hurts ? (scale > 0 ? away / scale : Infinity) : Math.min(BEGINS, scale > 0 ? away / scale : 0)
  }
}

/** Scale of the good side of sorted values. */
const calmScale = (sorted: Float64Array, center: number, direction: number): number =>
  (direction * (center - quantileOfSorted(sorted, direction > 0 ? TENTH : 1 - TENTH))) / TENTH_IN_DEVIATIONS

/** Deviation of a value to the bad side, scaled by the good side; null: no bad direction, too few samples, or a constant series. */
export function awayOf(series: Series, baseline: TimeRange): ((value: number) => number) | null {
  const [from, upTo] = [lowerBound(series.times, baseline.start), lowerBound(series.times, baseline.end)]
  const direction = directionOf(series, meaningOf(series))
  const sorted = sortedOf(series.values.subarray(from, upTo).filter(Number.isFinite))
  if (direction === 0 || sorted.length < FEWEST_KNOWN) return null
  const center = quantileOfSorted(sorted, 0.5)
  const scale = Math.max(calmScale(sorted, center, direction), RELATIVE_FLOOR * Math.abs(center))
  return scale > 0 ? (value) => (direction * (value - center)) / scale : null
}

/** Runs on a schedule, or for most of the time, are not incidents. */
function isHabit(runs: readonly TimeRange[], baseline: TimeRange): boolean {
  if (lengthOf(runs) > MINORITY * (baseline.end - baseline.start)) return true
  if (runs.length < 3) return false
  const gaps = runs.slice(1).map(({ start }, index) => start - runs[index]!.start)
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length
  const spread = Math.sqrt(gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length)
  return spread < SCHEDULED * mean
}

/** Sorted, with overlapping ranges merged. */
export function merged(ranges: readonly TimeRange[]): TimeRange[] {
  const apart: TimeRange[] = []
  for (const { start, end } of ranges.toSorted((a, b) => a.start - b.start)) {
    const last = apart.at(-1)
    if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end)
    else apart.push({ start, end })
  }
  return apart
}
