/**
 * What a resource does each day anew, whatever else it does: how far each time of day is from the mean of the day around it, by the median of the days. A trend
 * moves the day around it as well, and what happened once is in no median.
 */
import { DAY_MS, type Usage } from '../capacity/capacity.ts'
import { largest, smallest } from '../extremes.ts'
import { median } from '../metrics/robust.ts'

export interface Daily {
  /** what is added at this time, ms since the epoch; shares of the limit */
  at(time: number): number
  /** the least and the most of it */
  least: number
  most: number
}

export const NOT_DAILY: Daily = { at: () => 0, least: 0, most: 0 }

const FEWEST_DAYS = 3
/** Share of the means of the day around a time that must be known. */
const KNOWN = 0.9
/** Share of what is left of the distances without the pattern, at most: otherwise there is none. */
const LEFT = 0.5
/** Share of the limit, from the least to the most: less changes no date. */
const SLIGHT = 0.01

/** `width`: ms of a mean. */
export function dailyOf(usage: Usage, width: number): Daily {
  const perDay = Math.round(DAY_MS / width)
  const placeOf = (time: number): number => Math.floor((time % DAY_MS) / width)
  const away = awayFromTheDay(usage, width)
  const byPlace = Map.groupBy(away, ({ time }) => placeOf(time))
  if (byPlace.size < perDay) return NOT_DAILY
  if (byPlace.values().some((days) => days.length < FEWEST_DAYS)) return NOT_DAILY
  const pattern = Array.from({ length: perDay }, (_, place) => median(byPlace.get(place)!.map(({ value }) => value)))
  const left = away.map(({ time, value }) => Math.abs(value - pattern[placeOf(time)]!))
  const [least, most] = [smallest(pattern), largest(pattern)]
  const isPattern = most - least >= SLIGHT && median(left) <= LEFT * median(away.map(({ value }) => Math.abs(value)))
  return isPattern ? { at: (time) => pattern[placeOf(time)]!, least, most } : NOT_DAILY
}

export const withoutDaily = ({ times, values }: Usage, daily: Daily): Usage =>
  daily === NOT_DAILY ? { times, values } : { times, values: values.map((value, at) => value - daily.at(times[at]!)) }

/** Each value less the mean of the day of which it is the middle. */
function awayFromTheDay({ times, values }: Usage, width: number): { time: number; value: number }[] {
  const half = DAY_MS / 2
  let [first, end, sum] = [0, 0, 0]
  return times.flatMap((time, at) => {
    for (; end < times.length && times[end]! < time + half; end += 1) sum += values[end]!
    for (; times[first]! < time - half; first += 1) sum -= values[first]!
    // the ends of the day are the same time of day: each counts half
    const [before, after] = [values[first]!, values[end]]
    const isWhole = times[first] === time - half && times[end] === time + half
    const known = end - first
    if (!isWhole || after === undefined || known < (KNOWN * DAY_MS) / width) return []
    return { time, value: values[at]! - (sum + (after - before) / 2) / known }
  })
}
