/**
 * The forecasters that are combined. Each takes the whole history and answers the next `horizon` values. The seasonal ones and the drift are
 * the simple methods of Hyndman and Athanasopoulos, "Forecasting: principles and practice" (2021), ch. 5.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { AutoETS, initSync } from '@bsull/augurs/ets'

/** The model code of augurs is WebAssembly beside its JavaScript: loaded once, when the first forecast is asked for. */
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

/** Longer histories cost time and tell little about tomorrow. */
const LONGEST = 260

/**
 * Exponential smoothing with the form chosen by information criterion (Hyndman et al., 2002), by
 * @bsull/augurs. Where no form can be fitted, as to a handful of values, it is the simplest one: the last value goes on.
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

/** What was a season ago, moved to where the series is now. */
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

/** A season ago, moved by the last value: right when the level wanders and the shape stays. */
export const seasonalFromLast =
  (season: number): Member =>
  (history, horizon) => {
    const count = history.length
    const shift = history[count - 1]! - history[count - 1 - season]!
    return Float64Array.from({ length: horizon }, (_, step) => history[count - season + (step % season)]! + shift)
  }

/** The straight line from here, with the slope of the recent past. */
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
