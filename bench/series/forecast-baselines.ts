/** Baselines of the forecaster, each in its simplest form. */
import { mean } from '../rankings/measures.ts'

export type Forecaster = (history: Float64Array, horizon: number) => Float64Array

const along = (horizon: number, value: (step: number) => number): Float64Array =>
  Float64Array.from({ length: horizon }, (_, index) => value(index + 1))

const last = (history: Float64Array): number => history[history.length - 1]!

/** Without a season: the competition's Naive2. */
const naive: Forecaster = (history, horizon) => along(horizon, () => last(history))

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

export const forecastBaselines: Readonly<Record<string, Forecaster>> = { [NAIVE]: naive, drift, theta }

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
