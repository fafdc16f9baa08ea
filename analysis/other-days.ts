/**
 * Uses the same hour of earlier days as a second baseline: nightly load differs from the hour before it but is normal. Applied only if an
 * incident was found, the baseline is shorter than a day, and there is data for earlier days.
 */
import { compared, type Conclusion } from './against-before.ts'
import { sidesOf } from './investigate.ts'
import { hurtFrom } from './metrics/hurt.ts'
import { meaningOf } from './metrics/meaning.ts'
import { isWithin } from './metrics/disturbed.ts'
import { median } from './metrics/robust.ts'
import { countWithin, finiteWithin, lowerBound } from './metrics/samples.ts'
import type { Observations, Series, TimeRange } from './observations.ts'
import type { Text } from './verdict.ts'

const DAY_MS = 24 * 60 * 60_000
/** Minimum number of days, because a single day may itself have been an incident. */
const [FEWEST_DAYS, MOST_DAYS, SEARCHED] = [2, 3, 7]
/** Daily load does not start to the minute: the range on each day is extended by this share of the window on both sides. */
const [AROUND, AROUND_MS] = [0.5, 15 * 60_000]
/** Minimum number of samples on a day, as share of those in the window. */
const ENOUGH = 0.5
/** Minimum number of samples in the window. */
const FEWEST_SAMPLES = 12

/** Returns the verdict unchanged, unless it is an incident only compared with the time directly before. `known`: prepared series. */
export function unlessDaily(given: Observations, known: Observations, concluded: Conclusion): Conclusion {
  if (concluded.verdict.verdict !== 'incident') return concluded
  const { before } = sidesOf(known)
  const days = before.end - before.start < DAY_MS ? daysOf(known) : []
  if (days.length < FEWEST_DAYS) return concluded
  const again = compared(broughtTogether(given, days))
  if (again.verdict.verdict !== 'nothing_wrong') return concluded
  const { missing } = again.verdict
  const told = daysText(days)
  // daily failures are still failures
  return known.series.some((one) => isFailing(one, before, known.window))
    ? { ...concluded, verdict: { ...concluded.verdict, verdict: 'inconclusive', missing: [told, ...concluded.verdict.missing] } } // prettier-ignore
    : { ...again, verdict: { ...again.verdict, missing: [told, ...missing] } }
}

/** The error ratio is at least one percentage point higher than directly before. */
function isFailing(series: Series, before: TimeRange, window: TimeRange): boolean {
  const meaning = meaningOf(series)
  if (meaning !== 'errors') return false
  const [was, is] = [before, window].map((range) => median(finiteWithin(series, range)))
  return Math.abs(is! - was!) >= (hurtFrom(series, meaning, was!) ?? Infinity)
}

/** The same hour of earlier days with enough data and without known incidents, latest first. */
function daysOf({ window, series, logs, spans, disturbed = [] }: Observations): TimeRange[] {
  const around = Math.min(AROUND_MS, AROUND * (window.end - window.start))
  const samples = (range: TimeRange): number => median(series.map(({ times }) => countWithin(times, range)))
  const inWindow = samples(window)
  if (inWindow < FEWEST_SAMPLES) return []
  const [least, hasLogs, hasSpans] = [ENOUGH * inWindow, toldIn(logs.map(({ timestamp }) => timestamp)), toldIn(spans.map(({ start }) => start))] // prettier-ignore
  return Array.from({ length: SEARCHED }, (_, index) => (index + 1) * DAY_MS)
    .map((ago) => ({ start: window.start - ago - around, end: window.end - ago + around }))
    .filter(({ start, end }) => !disturbed.some((one) => one.start < end && one.end > start))
    .filter(
      (day) => samples(day) >= least && (!hasLogs(window) || hasLogs(day)) && (!hasSpans(window) || hasSpans(day)),
    ) // prettier-ignore
    .slice(0, MOST_DAYS)
}

const toldIn = (instants: readonly number[]) => (range: TimeRange): boolean => instants.some((one) => isWithin(one, [range])) // prettier-ignore

/** Concatenates these days directly before the window, as the baseline. */
function broughtTogether(given: Observations, days: readonly TimeRange[]): Observations {
  const { window, disturbed: _disturbed, ...rest } = given
  const length = days[0]!.end - days[0]!.start
  const places = days.map((day, index) => ({ day, by: window.start - (index + 1) * length - day.start })).toReversed()
  const moved = <T>(all: readonly T[], at: (one: T) => number, to: (one: T, by: number) => T): T[] => [
    ...places.flatMap(({ day, by }) => all.filter((one) => isWithin(at(one), [day])).map((one) => to(one, by))),
    ...all.filter((one) => isWithin(at(one), [window])),
  ]
  return {
    ...rest,
    window,
    baseline: { start: window.start - days.length * length, end: window.start },
    series: rest.series.map((one) => joined(one, [...places, { day: window, by: 0 }])),
    logs: moved(rest.logs, ({ timestamp }) => timestamp, (one, by) => ({ ...one, timestamp: one.timestamp + by })), // prettier-ignore
    spans: moved(rest.spans, ({ start }) => start, (one, by) => ({ ...one, start: one.start + by, end: one.end + by })), // prettier-ignore
  }
}

function joined(series: Series, places: readonly { day: TimeRange; by: number }[]): Series {
  const parts = places.map(({ day, by }) => {
    const [from, upTo] = [lowerBound(series.times, day.start), lowerBound(series.times, day.end)]
    return { times: series.times.subarray(from, upTo).map((time) => time + by), values: series.values.subarray(from, upTo) } // prettier-ignore
  })
  return {
    ...series,
    times: Float64Array.from(parts.flatMap(({ times }) => [...times])),
    values: Float64Array.from(parts.flatMap(({ values }) => [...values])),
  }
}

function daysText(days: readonly TimeRange[]): Text {
  const told = days.map(({ start }) => new Date(start).toISOString().slice(0, 10))
  return {
    en: `differs from the time right before it, but not from this hour on other days (${told.join(', ')}): it happens every day`,
    zh: `與緊鄰的前一段時間不同，但與其他日期的同一時段（${told.join('、')}）相同：每天都會出現`,
  }
}
