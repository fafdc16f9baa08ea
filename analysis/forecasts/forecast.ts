/**
 * Forecasts a series, with prediction intervals. Several simple forecasters are backtested on the end of the history, weighted by their
 * accuracy there, and combined (Bates and Granger, 1969; combinations won the M4 competition). The intervals come from the backtest errors
 * of the combination and widen with the root of the distance, as for a random walk. Beyond the backtested distance they also cover the case
 * that the trend stops. A series that was never negative is not forecast below zero, nor a share above its whole.
 */
import { normalQuantile } from '../metrics/normal.ts'
import { drift, seasonal, seasonalFromLast, smoothing, theta, type Member } from './members.ts'
import { seasonOf } from './season.ts'

export interface Forecast {
  mean: Float64Array
  lower: Float64Array
  upper: Float64Array
}

export interface ForecastOptions {
  horizon: number
  /** points per season; absent or 1: detected from the history */
  season?: number
  /** coverage of the intervals, between 0 and 1 */
  level?: number
  /** upper bound of a share: 1, or 100 for percentages; absent: not a share */
  whole?: number
}

/** A shorter history cannot be backtested: the forecast is its last value, with the spread of its steps. */
const SHORTEST = 8
const ORIGINS = 3
/** Correction factor: the scale comes from the same few errors that the weights were fitted to, so it is too small. */
const OPTIMISM = 1.35

/** `history`: evenly spaced, oldest first, without gaps. Throws RangeError if it is empty. */
export function forecast(history: Float64Array, options: ForecastOptions): Forecast {
  const { horizon, season = 1, level = 0.95, whole = Infinity } = options
  if (history.length === 0) throw new RangeError('a forecast needs at least one value')
  const z = normalQuantile((1 + level) / 2)
  if (history.length < SHORTEST) return bounded(history, whole, walk(history, horizon, z))
  const period = season > 1 ? season : seasonOf(history)
  const members = membersFor(history.length, period)
  const known = Math.min(horizon, Math.max(1, Math.floor(history.length / 6)))
  const tried = tryOut(members, history, known)
  const answers = members.map((member) => member(history, horizon))
  const mean = combine(answers, tried.weights)
  const spread = (step: number): number =>
    z * tried.scale * Math.sqrt(step + 1) + Math.abs(mean[step]! - stopped(step, history, mean, known, period ?? 1))
  const lower = mean.map((value, step) => value - spread(step))
  return bounded(history, whole, { mean, lower, upper: mean.map((value, step) => value + spread(step)) })
}

/** The forecast if only the season continues after the first `known` steps, and the trend stops. */
function stopped(step: number, history: Float64Array, mean: Float64Array, known: number, season: number): number {
  const back = step < known ? step : step - season * Math.ceil((step - known + 1) / season)
  return back >= 0 ? mean[back]! : (history[history.length + back] ?? mean[step]!)
}

/** Clamps to zero and to `whole`, unless the history itself exceeded them. */
function bounded(history: Float64Array, whole: number, { mean, lower, upper }: Forecast): Forecast {
  const least = history.some((value) => value < 0) ? -Infinity : 0
  const most = history.some((value) => value > whole * ROUNDED) ? Infinity : whole
  const within = (path: Float64Array): Float64Array => path.map((value) => Math.min(most, Math.max(least, value)))
  return { mean: within(mean), lower: within(lower), upper: within(upper) }
}

/** Tolerance for rounding errors in shares. */
const ROUNDED = 1 + 1e-9

function membersFor(count: number, season: number | null): Member[] {
  const seasons = season !== null && count >= 3 * season + 1
  return seasons ? [smoothing, theta, seasonal(season), seasonalFromLast(season)] : [smoothing, theta, drift]
}

/** Backtest: the weights of the members, and the scale of a one-step error. */
function tryOut(
  members: readonly Member[],
  history: Float64Array,
  horizon: number,
): { weights: number[]; scale: number } {
  const errors = members.map(() => 0)
  const scaled: number[] = []
  const trials = Array.from({ length: ORIGINS }, (_, at) => history.length - horizon - Math.floor((at * horizon) / 2))
    .filter((origin) => origin >= Math.max(4, history.length / 2))
    .map((origin) => {
      const known = history.subarray(0, origin)
      const answers = members.map((member) => member(known, horizon))
      for (const [at, answer] of answers.entries())
        for (const [step, value] of answer.entries()) errors[at] = errors[at]! + (value - history[origin + step]!) ** 2
      return { origin, answers }
    })
  const floor = Math.max(1e-9 * history.reduce((top, value) => Math.max(top, Math.abs(value)), 0) ** 2, 1e-300)
  const raw = errors.map((error) => 1 / (error + floor))
  const total = raw.reduce((sum, weight) => sum + weight, 0)
  const weights = raw.map((weight) => weight / total)
  for (const { origin, answers } of trials)
    for (const [step, value] of combine(answers, weights).entries())
      scaled.push((history[origin + step]! - value) ** 2 / (step + 1))
  const tried = Math.sqrt(scaled.reduce((sum, error) => sum + error, 0) / Math.max(scaled.length, 1))
  return { weights, scale: Math.max(OPTIMISM * tried, 0.5 * stepScale(history)) }
}

/** Robust step size: a lower bound for the error scale, in case the backtest was lucky. */
function stepScale(history: Float64Array): number {
  const steps = history.slice(1).map((value, at) => value - history[at]!)
  const sorted = steps.toSorted()
  const middle = sorted[sorted.length >> 1]!
  const spread = steps.map((step) => Math.abs(step - middle)).toSorted()
  return 1.4826 * spread[spread.length >> 1]!
}

const combine = (answers: readonly Float64Array[], weights: readonly number[]): Float64Array =>
  Float64Array.from({ length: answers[0]?.length ?? 0 }, (_, step) =>
    answers.reduce((sum, answer, at) => sum + answer[step]! * weights[at]!, 0),
  )

function walk(history: Float64Array, horizon: number, z: number): Forecast {
  const last = history[history.length - 1]!
  const steps = history.slice(1).map((value, at) => value - history[at]!)
  const scale = Math.sqrt(steps.reduce((sum, step) => sum + step ** 2, 0) / Math.max(steps.length, 1))
  const at = (side: number): Float64Array =>
    Float64Array.from({ length: horizon }, (_, step) => last + side * z * scale * Math.sqrt(step + 1))
  return { mean: at(0), lower: at(-1), upper: at(1) }
}

/** When mean and bounds reach a capacity, in (fractional) steps from the last known value; null: not within the horizon. */
export type Reaches = Record<keyof Forecast, number | null>

/**
 * The capacity may be approached from below (a disk that fills up) or from above (free space that runs out). 0: already reached, i.e. the
 * last value is at or above it and the forecast does not fall.
 */
export function stepsUntil({ mean, lower, upper }: Forecast, last: number, capacity: number): Reaches {
  const fallsTo = last > capacity && mean[mean.length - 1]! < last
  if (last >= capacity && !fallsTo) return { mean: 0, lower: 0, upper: 0 }
  const reached = (path: Float64Array): number | null => crossing(path, last, capacity)
  return { mean: reached(mean), lower: reached(lower), upper: reached(upper) }
}

function crossing(path: Float64Array, last: number, capacity: number): number | null {
  const step = path.findIndex((value) => (last < capacity ? value >= capacity : value <= capacity))
  if (step === -1) return null
  const before = step === 0 ? last : path[step - 1]!
  return step + (capacity - before) / (path[step]! - before)
}
