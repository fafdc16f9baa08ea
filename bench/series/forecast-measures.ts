/** Forecast measures of the M4 competition (Makridakis, Spiliotis and Assimakopoulos, 2020). */
import { mean } from '../rankings/measures.ts'

type Values = ArrayLike<number>

const steps = (actual: Values): number[] => Array.from({ length: actual.length }, (_, step) => step)

/** Symmetric mean absolute percentage error, in percent. */
export const symmetricError = (actual: Values, said: Values): number =>
  200 * mean(steps(actual).map((at) => Math.abs(actual[at]! - said[at]!) / (Math.abs(actual[at]!) + Math.abs(said[at]!)))) // prettier-ignore

/** Mean absolute step of the history from one season to the next, the scale of MASE. */
export const stepOf = (history: Float64Array, season = 1): number =>
  mean(steps(history.subarray(season)).map((at) => Math.abs(history[at + season]! - history[at]!)))

/** Mean absolute scaled error. */
export const scaledError = (actual: Values, said: Values, step: number): number =>
  mean(steps(actual).map((at) => Math.abs(actual[at]! - said[at]!))) / step

/** Mean scaled interval score (Gneiting and Raftery, 2007): the interval's width, plus 2/(1 - level) times the distance of values outside. */
export function scaledIntervalScore(
  actual: Values,
  { lower, upper }: { lower: Values; upper: Values },
  { step, level }: { step: number; level: number },
): number {
  const outside = (at: number): number => Math.max(lower[at]! - actual[at]!, actual[at]! - upper[at]!, 0)
  return mean(steps(actual).map((at) => upper[at]! - lower[at]! + (2 / (1 - level)) * outside(at))) / step
}

export interface ForecastErrors {
  symmetric: number
  scaled: number
}

/** Overall weighted average (OWA): the mean of both errors relative to the naive forecast. */
export const overall = (errors: ForecastErrors, naive: ForecastErrors): number =>
  (errors.symmetric / naive.symmetric + errors.scaled / naive.scaled) / 2
