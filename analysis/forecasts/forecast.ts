/**
 * Forecasts a series, with prediction intervals. Several simple forecasters are backtested on the end of the history and combined by the
 * median of their answers, each weighted by its accuracy there (Bates and Granger, 1969; combinations won the M4 competition). The intervals
 * come from the backtest errors of the combination, whose variance is a line in the distance. Beyond the backtested distance they also cover
 * the case that the trend stops. A series that was never negative is not forecast below zero, nor a share above its whole.
 */
import { normalQuantile } from '../metrics/normal.ts'
import { decomposed, drift, inLogs, lastSeason, seasonal, seasonalFromLast, smoothing, theta, twoSeasons, type Member } from './members.ts' // prettier-ignore
import { seasonsOf } from './season.ts'
import { taylor } from './taylor.ts'

export interface Forecast {
  mean: Float64Array
  lower: Float64Array
  upper: Float64Array
}

export interface ForecastOptions {
  horizon: number
  /** points per season; absent or 1: detected. A longer one in the last 10,080 points, such as the week over a day, is detected in any case */
  season?: number
  /** coverage of the intervals, between 0 and 1 */
  level?: number
  /** upper bound of a share: 1, or 100 for percentages; absent: not a share */
  whole?: number
}

/** A shorter history cannot be backtested: the forecast is its last value, with the spread of its steps. */
const SHORTEST = 8
const ORIGINS = 3
/** Correction factor: the errors come from the same few trials that the weights were fitted to, so they are too small. */
const OPTIMISM = 1.5

/** `history`: evenly spaced, oldest first, without gaps. Throws RangeError if it is empty. */
export function forecast(history: Float64Array, options: ForecastOptions): Forecast {
  const { horizon, season = 1, level = 0.95, whole = Infinity } = options
  if (history.length === 0) throw new RangeError('a forecast needs at least one value')
  const z = normalQuantile((1 + level) / 2)
  if (history.length < SHORTEST) return bounded(history, whole, walk(history, horizon, z))
  const seasons = seasonsOf(history, season)
  const members = membersFor(history, seasons)
  const known = Math.min(horizon, Math.max(1, Math.floor(history.length / 6)))
  const tried = tryOut(members, history, known, seasons.at(-1) ?? 0)
  const mean = combine(members.map((member) => member(history, horizon)), tried.weights) // prettier-ignore
  const spread = (step: number): number =>
    z * tried.deviation(step) + Math.abs(mean[step]! - stopped(step, history, mean, known, seasons.at(-1) ?? 1))
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

function membersFor(history: Float64Array, seasons: readonly number[]): Member[] {
  const [short, long] = [seasons[0], seasons.at(-1)]
  if (short === undefined || long === undefined) return [smoothing, theta, drift]
  const modelled = [decomposed(seasons), taylor(short, long)]
  const isPositive = history.every((value) => value > 0)
  return [
    ...seasons.flatMap((season) => [lastSeason(season), seasonalFromLast(season)]),
    twoSeasons(long),
    seasonal(long),
    theta,
    ...(isPositive ? modelled.map(inLogs) : modelled),
  ]
}

interface Tried {
  /** of the members */
  weights: number[]
  /** standard deviation of the error at a step, from 0 */
  deviation: (step: number) => number
}

/** Backtest from a few origins, `horizon` values from each, with at least two of the longest season before it. */
function tryOut(members: readonly Member[], history: Float64Array, horizon: number, season: number): Tried {
  const trials = Array.from({ length: ORIGINS }, (_, at) => history.length - horizon - Math.floor((at * horizon) / 2))
    .filter((origin) => origin >= Math.max(4, history.length / 2, 2 * season + 1))
    .map((origin) => ({
      actual: history.subarray(origin, origin + horizon),
      answers: members.map((member) => member(history.subarray(0, origin), horizon)),
    }))
  const floor = Math.max(1e-9 * history.reduce((top, value) => Math.max(top, Math.abs(value)), 0), 1e-150)
  const errors = members.map((_, at) => sum(trials.flatMap(({ actual, answers }) => missed(actual, answers[at]!).map(Math.abs)))) // prettier-ignore
  const weights = errors.map((error) => (error + floor) ** -2)
  const rest = trials.map(({ actual, answers }) => missed(actual, combine(answers, weights)))
  return { weights, deviation: deviationOf(rest, stepScale(history)) }
}

const missed = (actual: Float64Array, said: Float64Array): number[] =>
  Array.from(said, (value, step) => value - actual[step]!)

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

/**
 * The variance of the errors as a line in the distance that neither falls nor starts below zero, by least squares; not below that of
 * half a step of the history.
 */
function deviationOf(rest: readonly (readonly number[])[], scale: number): (step: number) => number {
  const points = rest.flatMap((errors) => errors.map((error, step) => ({ step: step + 1, square: error ** 2 })))
  const count = Math.max(points.length, 1)
  const middle = Math.max(sum(points.map(({ step }) => step)) / count, 1)
  const level = sum(points.map(({ square }) => square)) / count
  const along = sum(points.map(({ step }) => (step - middle) ** 2))
  const across = sum(points.map(({ step, square }) => (step - middle) * (square - level)))
  const slope = along > 0 ? Math.min(Math.max(across / along, 0), level / middle) : level / middle
  return (step) => Math.max(OPTIMISM * Math.sqrt(Math.max(level + slope * (step + 1 - middle), 0)), 0.5 * scale)
}

/** Robust step size: a lower bound for the error scale, in case the backtest was lucky. */
function stepScale(history: Float64Array): number {
  const steps = history.slice(1).map((value, at) => value - history[at]!)
  const sorted = steps.toSorted()
  const middle = sorted[sorted.length >> 1]!
  const spread = steps.map((step) => Math.abs(step - middle)).toSorted()
  return 1.4826 * spread[spread.length >> 1]!
}

/** The weighted median of the answers at each step, interpolated between the middles of their weights. */
const combine = (answers: readonly Float64Array[], weights: readonly number[]): Float64Array =>
  Float64Array.from({ length: answers[0]?.length ?? 0 }, (_, step) =>
    weightedMedian(weights.map((weight, at) => ({ weight, value: answers[at]![step]! }))),
  )

function weightedMedian(all: { weight: number; value: number }[]): number {
  const half = sum(all.map(({ weight }) => weight)) / 2
  let below = 0
  let last: { middle: number; value: number } | null = null
  for (const { weight, value } of all.sort((a, b) => a.value - b.value)) {
    const middle = below + weight / 2
    if (middle >= half) return last === null ? value : last.value + ((value - last.value) * (half - last.middle)) / (middle - last.middle) // prettier-ignore
    last = { middle, value }
    below += weight
  }
  return last!.value
}

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
