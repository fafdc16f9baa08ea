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

/** The last season again. */
export const lastSeason =
  (season: number): Member =>
  (history, horizon) =>
    Float64Array.from({ length: horizon }, (_, step) => history[history.length - season + (step % season)]!)

/** The mean of the last two seasons: a single unusual season counts half. */
export const twoSeasons =
  (season: number): Member =>
  (history, horizon) => {
    const start = history.length - season
    return Float64Array.from({ length: horizon }, (_, step) => {
      const at = start + (step % season)
      return (history[at]! + history[at - season]!) / 2
    })
  }

/** The series without its seasons by smoothing, and the seasons again (classical decomposition, with older seasons counting less). */
export const decomposed =
  (seasons: readonly number[]): Member =>
  (history, horizon) => {
    const offsets = offsetsOf(history, seasons)
    const at = (index: number): number => offsets.reduce((total, own) => total + own[index % own.length]!, 0)
    const rest = history.map((value, index) => value - at(index))
    return smoothing(rest, horizon).map((value, step) => value + at(history.length + step))
  }

/** The weight of a season relative to the one after it. */
const OLDER = 0.8

/** For each season the offset of each phase, from what the shorter seasons leave over. */
function offsetsOf(history: Float64Array, seasons: readonly number[]): Float64Array[] {
  const trend = movingMean(history, seasons.at(-1)!)
  let rest = history.map((value, at) => value - trend[at]!)
  return seasons.map((season) => {
    const [sums, weights] = [new Float64Array(season), new Float64Array(season)]
    for (const [at, value] of rest.entries()) {
      const weight = OLDER ** Math.floor((rest.length - 1 - at) / season)
      sums[at % season]! += weight * value
      weights[at % season]! += weight
    }
    const offsets = sums.map((sum, phase) => sum / weights[phase]!)
    rest = rest.map((value, at) => value - offsets[at % season]!)
    return offsets
  })
}

/** Centred mean over one season; its slope over the first and the last season continues to the ends. */
function movingMean(values: Float64Array, season: number): Float64Array {
  const sums = new Float64Array(values.length + 1)
  for (const [at, value] of values.entries()) sums[at + 1] = sums[at]! + value
  const latest = values.length - season
  const meanFrom = (from: number): number => (sums[from + season]! - sums[from]!) / season
  const [rise, fall] = [meanFrom(season) - meanFrom(0), meanFrom(latest) - meanFrom(latest - season)].map((by) => by / season) // prettier-ignore
  return values.map((_, at) => {
    const from = at - (season >> 1)
    if (from < 0) return meanFrom(0) + from * rise!
    return from > latest ? meanFrom(latest) + (from - latest) * fall! : meanFrom(from)
  })
}

/** Forecasts the logarithm: for series whose season and noise grow with the level. All values are positive. */
export const inLogs =
  (member: Member): Member =>
  (history, horizon) =>
    member(history.map(Math.log), horizon).map(Math.exp)

/** The last season, shifted by the change of its mean: the only seasonal one whose trend does not fade. */
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
