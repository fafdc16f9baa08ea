/** Baselines of the forecaster, each in its simplest form. */
import { mean } from '../rankings/measures.ts'

export type Forecaster = (history: Float64Array, horizon: number, season: number) => Float64Array

const along = (horizon: number, value: (step: number) => number): Float64Array =>
  Float64Array.from({ length: horizon }, (_, index) => value(index + 1))

const last = (history: Float64Array): number => history[history.length - 1]!

/** The competition's Naive2: the last value, seasonally adjusted if the season shows in the autocorrelation. */
const naive: Forecaster = (history, horizon, season) => {
  const shares = showsSeason(history, season) ? seasonalShares(history, season) : [1]
  const share = (at: number): number => shares[at % shares.length]!
  return along(horizon, (step) => (last(history) / share(history.length - 1)) * share(history.length - 1 + step))
}

/** The competition's sNaive. */
const lastSeason: Forecaster = (history, horizon, season) =>
  along(horizon, (step) => history[history.length - season + ((step - 1) % season)]!)

/** The line from the first value to the last. */
const drift: Forecaster = (history, horizon) => {
  const slope = (last(history) - history[0]!) / (history.length - 1)
  return along(horizon, (step) => last(history) + slope * step)
}

/** Mean of a linear trend and of simple exponential smoothing of the values at twice the distance from it (Assimakopoulos and Nikolopoulos, 2000). */
const theta: Forecaster = (history, horizon) => {
  const line = lineThrough(history)
  const level = smoothed(history.map((value, at) => 2 * value - line(at)))
  return along(horizon, (step) => (line(history.length - 1 + step) + level) / 2)
}

export const NAIVE = 'naive'

export const LAST_SEASON = 'last season again'

export const forecastBaselines: Readonly<Record<string, Forecaster>> = { [NAIVE]: naive, drift, theta }
export const seasonalBaselines: Readonly<Record<string, Forecaster>> = { [NAIVE]: naive, [LAST_SEASON]: lastSeason }

/** 90 %, as in the competition's test for a season. */
const CRITICAL = 1.645

/** The autocorrelation at the season exceeds Bartlett's limit. */
function showsSeason(history: Float64Array, season: number): boolean {
  if (season < 2 || history.length < 3 * season) return false
  const level = mean([...history])
  const products = (lag: number): number =>
    history.subarray(lag).reduce((sum, value, at) => sum + (value - level) * (history[at]! - level), 0)
  const correlations = Array.from({ length: season }, (_, at) => products(at + 1) / products(0))
  const before = correlations.slice(0, -1).reduce((sum, one) => sum + 2 * one ** 2, 1)
  return Math.abs(correlations.at(-1)!) > CRITICAL * Math.sqrt(before / history.length)
}

/** Multiplicative shares by classical decomposition: ratios to the moving average of one season, averaged by position and normalised. */
function seasonalShares(history: Float64Array, season: number): number[] {
  const half = season >> 1
  const ends = season % 2 === 0 ? 0.5 : 1
  const ratios = Array.from({ length: season }, (): number[] => [])
  for (let at = half; at < history.length - half; at++) {
    let sum = 0
    for (let by = -half; by <= half; by++) sum += history[at + by]! * (Math.abs(by) === half ? ends : 1)
    ratios[at % season]!.push((history[at]! * season) / sum)
  }
  const shares = ratios.map(mean)
  return shares.map((share) => share / mean(shares))
}

/** Least squares. */
function lineThrough(values: Float64Array): (at: number) => number {
  const middle = (values.length - 1) / 2
  const level = mean([...values])
  let [covariance, variance] = [0, 0]
  for (const [at, value] of values.entries()) {
    covariance += (at - middle) * (value - level)
    variance += (at - middle) ** 2
  }
  return (at) => level + (covariance / variance) * (at - middle)
}

/** The last level of exponential smoothing with the weight that has the smallest error. */
function smoothed(values: Float64Array): number {
  const weights = Array.from({ length: 99 }, (_, at) => (at + 1) / 100)
  const tried = weights.map((weight) => {
    let [level, error] = [values[0]!, 0]
    for (const value of values) {
      error += (value - level) ** 2
      level += weight * (value - level)
    }
    return { level, error }
  })
  return tried.reduce((best, one) => (one.error < best.error ? one : best)).level
}
