/** Series as the analysis needs them: in the order of time, one value an instant, and levels where counters were given. */
import type { Series, TimeRange } from '../observations.ts'
import { isNamedCounter, mayBeCounter } from './meaning.ts'

/** Fewer tell no counter from a level that grew. */
const FEWEST_RISES = 10
/** A counter that falls in more than so many of its steps is none, whatever its name. */
const RESETS = 0.1

/**
 * Samples out of order are put in order, and of several at one instant the last given counts: it is the correction. A counter
 * becomes its rate (1/s); where it falls it began again at 0, as Prometheus' `rate` takes it. The rest is as given.
 */
export function prepared(series: Series): Series {
  const ordered = isAscending(series.times) ? series : inOrder(series)
  return isNamedCounter(ordered.indicator) || (mayBeCounter(ordered) && onlyRises(ordered.values))
    ? rateOf(ordered)
    : ordered
}

/** Whole numbers that never fall and mostly rise: a count of all that ever was. */
function onlyRises(values: Float64Array): boolean {
  let rises = 0
  for (let index = 1; index < values.length; index++) {
    const [was, is] = [values[index - 1]!, values[index]!]
    if (!(is >= was) || !Number.isInteger(is)) return false
    if (is > was) rises += 1
  }
  return rises >= FEWEST_RISES && rises > values.length / 2
}

/** Index of the first instant that is not before. */
export function lowerBound(times: Float64Array, instant: number): number {
  let [low, high] = [0, times.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (times[middle]! < instant) low = middle + 1
    else high = middle
  }
  return low
}

export const countWithin = (times: Float64Array, { start, end }: TimeRange): number =>
  lowerBound(times, end) - lowerBound(times, start)

/** Times ascend; a value that is no number is an absent point. */
export const finiteWithin = ({ times, values }: Series, { start, end }: TimeRange): Float64Array =>
  numbersOf(values.subarray(lowerBound(times, start), lowerBound(times, end)))

/** The same array where all are numbers, as they mostly are. */
export function numbersOf(values: Float64Array): Float64Array {
  for (let index = 0; index < values.length; index++)
    if (!Number.isFinite(values[index])) return values.filter(Number.isFinite)
  return values
}

function isAscending(times: Float64Array): boolean {
  for (let index = 1; index < times.length; index++) if (!(times[index]! > times[index - 1]!)) return false
  return true
}

function inOrder({ times, values, ...identity }: Series): Series {
  const known = new Map<number, number>()
  for (const [index, time] of times.entries()) if (Number.isFinite(time)) known.set(time, values[index]!)
  const kept = [...known].sort(([a], [b]) => a - b)
  return {
    ...identity,
    times: Float64Array.from(kept, ([time]) => time),
    values: Float64Array.from(kept, ([, value]) => value),
  }
}

/** A point where neither end of the step is a number is left out: no rate is known there. */
function rateOf(series: Series): Series {
  const { times, values, ...identity } = series
  const rates = { times: new Float64Array(times.length), values: new Float64Array(times.length) }
  let [steps, resets] = [0, 0]
  for (let index = 1; index < times.length; index++) {
    const [was, is] = [values[index - 1]!, values[index]!]
    if (was < 0 || is < 0) return series
    if (!Number.isFinite(was) || !Number.isFinite(is)) continue
    const [from, time] = [times[index - 1]!, times[index]!]
    if (is < was) resets += 1
    rates.times[steps] = time
    rates.values[steps++] = ((is < was ? is : is - was) * 1000) / (time - from)
  }
  if (steps === 0 || resets > RESETS * steps) return series
  return {
    ...identity,
    unit: identity.unit === undefined ? '1/s' : `${identity.unit}/s`,
    times: rates.times.subarray(0, steps),
    values: rates.values.subarray(0, steps),
  }
}
