/**
 * Prepares series for the analysis: sorted by time, one value per timestamp, counters as rates (counters and resets as in OpenMetrics and
 * Prometheus `rate`).
 */
import type { Series, TimeRange } from '../observations.ts'
import { rememberedBy } from '../remembered.ts'
import { isNamedCounter, mayBeCounter } from './meaning.ts'

/** With fewer rises, a counter cannot be distinguished from a growing gauge. */
const FEWEST_RISES = 10
/** A series that falls in a larger share of its steps is not a counter, whatever its name. */
const RESETS = 0.1

/** The same array for the same series. */
export const preparedAll = (series: readonly Series[]): readonly Series[] =>
  remembered([series], '', () => series.map(prepared))

const remembered = rememberedBy<readonly Series[]>()

/**
 * Sorts samples; of several with one timestamp the last counts, as a correction. A counter becomes a rate (1/s); a fall is a reset to 0, as
 * in Prometheus `rate`. Other series are returned unchanged.
 */
export function prepared(series: Series): Series {
  const ordered = isAscending(series.times) ? series : inOrder(series)
  return isNamedCounter(ordered.indicator) || (mayBeCounter(ordered) && onlyRises(ordered.values))
    ? rateOf(ordered)
    : ordered
}

/** Integers that never fall and mostly rise: a counter. */
function onlyRises(values: Float64Array): boolean {
  let rises = 0
  for (let index = 1; index < values.length; index++) {
    const was = values[index - 1]!
    const is = values[index]!
    if (!(is >= was) || !Number.isInteger(is)) return false
    if (is > was) rises += 1
  }
  return rises >= FEWEST_RISES && rises > values.length / 2
}

/** Index of the first time that is not before `instant`. */
export function lowerBound(times: Float64Array, instant: number): number {
  let low = 0
  let high = times.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (times[middle]! < instant) low = middle + 1
    else high = middle
  }
  return low
}

export const countWithin = (times: Float64Array, { start, end }: TimeRange): number =>
  lowerBound(times, end) - lowerBound(times, start)

/** Finite values in the range; `times` ascends. */
export const finiteWithin = ({ times, values }: Series, { start, end }: TimeRange): Float64Array =>
  numbersOf(values.subarray(lowerBound(times, start), lowerBound(times, end)))

/** The finite values; the same array if all are finite. */
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

/** The rate between consecutive samples; steps with a non-finite end are left out. */
function rateOf(series: Series): Series {
  const { times, values, ...identity } = series
  const rates = { times: new Float64Array(times.length), values: new Float64Array(times.length) }
  let steps = 0
  let resets = 0
  for (let index = 1; index < times.length; index++) {
    const was = values[index - 1]!
    const is = values[index]!
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
