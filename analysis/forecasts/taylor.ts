/**
 * Exponential smoothing with two seasons and an error that fades (Taylor, "Short-term electricity demand forecasting using double seasonal
 * exponential smoothing", 2003). The weights are those of a coarse grid with the smallest squared one-step error.
 */
import type { Member } from './members.ts'

interface Weights {
  level: number
  short: number
  long: number
  /** share of an error that remains one step later */
  fading: number
}

const LEVELS = [0.001, 0.01, 0.05, 0.2]
const SEASONS = [0.02, 0.1, 0.3]
const FADINGS = [0, 0.5, 0.8, 0.95]
/** The first third of the history settles the state. */
const SETTLING = 1 / 3

/** `long` is a multiple of `short`; equal: one season. The history holds at least two of `long`. */
export const taylor =
  (short: number, long: number): Member =>
  (history, horizon) => {
    const tried = gridOf(short === long).map((weights) => ({ weights, ...smooth(history, short, long, weights) }))
    const { weights, ahead } = tried.reduce((best, one) => (one.error < best.error ? one : best))
    return Float64Array.from({ length: horizon }, (_, step) => ahead(step, weights.fading))
  }

const gridOf = (isOne: boolean): Weights[] =>
  LEVELS.flatMap((level) =>
    SEASONS.flatMap((short) =>
      (isOne ? [0] : SEASONS).flatMap((long) => FADINGS.map((fading) => ({ level, short, long, fading }))),
    ),
  )

interface Smoothed {
  error: number
  ahead: (step: number, fading: number) => number
}

function smooth(history: Float64Array, short: number, long: number, weights: Weights): Smoothed {
  const state = beginning(history, short, long)
  const from = history.length * SETTLING
  let [error, rest] = [0, 0]
  for (const [at, value] of history.entries()) {
    const missed = value - (known(state, at) + weights.fading * rest)
    if (at >= from) error += missed ** 2
    state.level += weights.level * missed
    state.short[at % short]! += weights.short * missed
    state.long[at % long]! += weights.long * missed
    rest = value - known(state, at)
  }
  return { error, ahead: (step, fading) => known(state, history.length + step) + fading ** (step + 1) * rest }
}

interface State {
  level: number
  short: Float64Array
  long: Float64Array
}

const known = ({ level, short, long }: State, at: number): number =>
  level + short[at % short.length]! + long[at % long.length]!

/** Level and means by phase of the first two long seasons. */
function beginning(history: Float64Array, short: number, long: number): State {
  const first = history.subarray(0, 2 * long)
  const level = first.reduce((sum, value) => sum + value, 0) / first.length
  const offsets = phaseMeans(first.map((value) => value - level), short) // prettier-ignore
  const rest = first.map((value, at) => value - level - offsets[at % short]!)
  return { level, short: offsets, long: phaseMeans(rest, long) }
}

/** `values`: whole seasons. */
function phaseMeans(values: Float64Array, season: number): Float64Array {
  const means = new Float64Array(season)
  for (const [at, value] of values.entries()) means[at % season]! += (value * season) / values.length
  return means
}
