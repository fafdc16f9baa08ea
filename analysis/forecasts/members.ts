/**
 * The combined forecasters. Each takes the whole history and returns the next `horizon` values. The seasonal ones and the drift are
 * the simple methods of Hyndman and Athanasopoulos, "Forecasting: principles and practice" (2021), ch. 5.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { AutoETS, initSync } from '@bsull/augurs/ets'

/** augurs is WebAssembly: loaded once, on the first forecast. */
let loaded = false
function load(): void {
  if (loaded) return
  const file = createRequire(import.meta.url)
    .resolve('@bsull/augurs/ets')
    .replace(/\.js$/, '_bg.wasm')
  initSync({ module: readFileSync(file) })
  loaded = true
}

export type Member = (history: Float64Array, horizon: number) => Float64Array

/** Older values cost time and improve the forecast little. */
const LONGEST = 260

/**
 * Exponential smoothing of @bsull/augurs, with the model chosen by an information criterion (Hyndman et al., 2002). If no model can be
 * fitted, e.g. to a handful of values, repeats the last value.
 */
export const smoothing: Member = (history, horizon) => {
  load()
  const model = new AutoETS(1, 'ZZN')
  try {
    model.fit(history.slice(-LONGEST))
    const { point } = model.predict(horizon)
    if (point.every(Number.isFinite)) return Float64Array.from(point)
    return new Float64Array(horizon).fill(history[history.length - 1]!)
  } catch {
    return new Float64Array(horizon).fill(history[history.length - 1]!)
  } finally {
    model.free()
  }
}

/** Theta method (Assimakopoulos and Nikolopoulos, 2000): smoothing with half the slope of the line through everything. */
export const theta: Member = (history, horizon) => {
  const count = history.length
  const { slope } = lineThrough(history)
  let best = { error: Infinity, alpha: 0.5, level: history[count - 1]! }
  for (let alpha = 0.05; alpha < 1; alpha += 0.05) {
    let [level, error] = [history[0]!, 0]
    for (const value of history) {
      error += (value - level) ** 2
      level += alpha * (value - level)
    }
    if (error < best.error) best = { error, alpha, level }
  }
  const { alpha, level } = best
  const lag = (1 - (1 - alpha) ** count) / alpha
  return Float64Array.from({ length: horizon }, (_, step) => level + (slope / 2) * (step + lag))
}

/** The last season, shifted by the change of its mean. */
export const seasonal =
  (season: number): Member =>
  (history, horizon) => {
    const count = history.length
    const shift = mean(history.subarray(count - season)) - mean(history.subarray(count - 2 * season, count - season))
    return Float64Array.from(
      { length: horizon },
      (_, step) => history[count - season + (step % season)]! + shift * (1 + Math.floor(step / season)),
    )
  }

/** The last season, shifted to the last value: right for a series whose level wanders and whose pattern is stable. */
export const seasonalFromLast =
  (season: number): Member =>
  (history, horizon) => {
    const count = history.length
    const shift = history[count - 1]! - history[count - 1 - season]!
    return Float64Array.from({ length: horizon }, (_, step) => history[count - season + (step % season)]! + shift)
  }

/** A straight line from the last value, with the slope of the recent past. */
export const drift: Member = (history, horizon) => {
  const recent = history.slice(-LONGEST)
  const { slope } = lineThrough(recent)
  const last = history[history.length - 1]!
  return Float64Array.from({ length: horizon }, (_, step) => last + slope * (step + 1))
}

function lineThrough(values: Float64Array): { slope: number } {
  const middle = (values.length - 1) / 2
  const level = mean(values)
  let [covariance, variance] = [0, 0]
  for (const [at, value] of values.entries()) {
    covariance += (at - middle) * (value - level)
    variance += (at - middle) ** 2
  }
  return { slope: variance === 0 ? 0 : covariance / variance }
}

const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length
