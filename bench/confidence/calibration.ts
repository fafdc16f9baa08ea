/**
 * How well the confidence is calibrated. The logistic regression of `analysis/ranking/confidence.ts` is fitted on all systems but one and tested on
 * that one; fitted on all of them, it gives the constants in the code.
 */
import { type ConfidenceModels, confidenceOf, MODELS, type Signs } from '../../analysis/ranking/confidence.ts'
import { type Bin, binsOfCount, binsOfWidth, brierScore, calibrationError, type Forecast, mean, randomFrom } from '../rankings/measures.ts' // prettier-ignore

/** One answer. Without features, because nothing could be compared, its confidence is 0. */
export interface Judged {
  signs: Signs | null
  right: boolean
  /** questions about one case share a weight of 1 */
  weight: number
}

export interface Figures {
  brier: number
  /** expected calibration error by bins of equal width, and of equal count */
  error: number
  errorByCount: number
}

export interface SystemCalibration {
  system: string
  count: number
  /** with the constants in the code, which were fitted on this system too */
  said: Figures
  /** with constants fitted on the other systems */
  leftOut: Figures
  /** the calibration error that perfectly calibrated forecasts would still show with so few answers */
  floor: number
  forecasts: readonly Forecast[]
}

const STEPS = 50
const RIDGE = 1
const WEIGHT_OF_A_SYSTEM = 100

/** `isFitted`: whether a system may be fitted on where it is not the one left out. */
export function leaveOneSystemOut(
  bySystem: ReadonlyMap<string, readonly Judged[]>,
  isFitted: (system: string) => boolean = () => true,
): SystemCalibration[] {
  return [...bySystem].map(([system, own]) => {
    const others = [...bySystem].filter(([other]) => other !== system && isFitted(other)).map(([, judged]) => judged)
    const forecasts = foretell(own, fitConfidence(others))
    return {
      system,
      count: own.length,
      said: figures(foretell(own)),
      leftOut: figures(forecasts),
      floor: errorOfHonest(forecasts),
      forecasts,
    }
  })
}

export const foretell = (judged: readonly Judged[], models?: ConfidenceModels): Forecast[] =>
  judged.map(({ signs, right, weight }) => ({
    probability: signs === null ? 0 : confidenceOf(signs, models),
    right,
    weight,
  }))

const figures = (forecasts: readonly Forecast[]): Figures => ({
  brier: brierScore(forecasts),
  error: calibrationError(forecasts),
  errorByCount: calibrationError(forecasts, binsOfCount),
})

const DRAWS = 200

/** Mean calibration error of answers drawn to be right with their stated probability: bins of a few answers are never even. */
export function errorOfHonest(forecasts: readonly Forecast[]): number {
  const random = randomFrom(1)
  const drawn = (): Forecast[] => forecasts.map((one) => ({ ...one, right: random() < one.probability }))
  return mean(Array.from({ length: DRAWS }, () => calibrationError(drawn())))
}

export function fitConfidence(systems: readonly (readonly Judged[])[]): ConfidenceModels {
  const of = (blames: boolean) => systems.map((judged) => judged.filter(({ signs }) => signs?.blames === blames))
  const [intercept = 0, lead = 0, near = 0] = fit(of(true), ({ lead, near }) => [1, lead, near])
  return { blame: { intercept, lead, near }, nothing: { ...MODELS.nothing, most: mean(of(false).filter(({ length }) => length > 0).map(succession)) } } // prettier-ignore
}

/** All-clears that were right, over those that the regression expects to be (Laplace's rule of succession: a few of one system make nothing certain). */
function succession(judged: readonly Judged[]): number {
  const expected = judged.reduce((sum, { signs }) => sum + (signs === null ? 0 : confidenceOf(signs, UNSCALED)), 0)
  return Math.min(1, (judged.filter(({ right }) => right).length + 1) / (expected + 2))
}

const UNSCALED: ConfidenceModels = { ...MODELS, nothing: { ...MODELS.nothing, most: 1 } }

/** Newton's method on the log loss with a small ridge. Each system has the same total weight. */
function fit(systems: readonly (readonly Judged[])[], row: (signs: Signs) => readonly number[]): number[] {
  const points = systems.flatMap((judged) => {
    const total = judged.reduce((sum, { weight }) => sum + weight, 0)
    return judged.flatMap(({ signs, right, weight }) =>
      signs === null ? [] : [{ x: row(signs), y: right ? 1 : 0, weight: (WEIGHT_OF_A_SYSTEM * weight) / total }],
    )
  })
  let fitted = (points[0]?.x ?? []).map(() => 0)
  for (let step = 0; step < STEPS; step++) {
    const gradient = fitted.map((value, row) => (row === 0 ? 0 : RIDGE * value))
    const curve = fitted.map((_, row) =>
      fitted.map((_, column): number => (row !== column ? 0 : row === 0 ? 1e-6 : RIDGE)),
    )
    for (const { x, y, weight } of points) {
      const p = 1 / (1 + Math.exp(-x.reduce((sum, one, row) => sum + one * fitted[row]!, 0)))
      for (const [row, one] of x.entries()) {
        gradient[row]! += weight * (p - y) * one
        for (const [column, other] of x.entries()) curve[row]![column]! += weight * p * (1 - p) * one * other
      }
    }
    const change = solved(curve, gradient)
    fitted = fitted.map((value, row) => value - change[row]!)
  }
  return fitted
}

/** Gauss-Jordan elimination; the matrix is positive definite. */
export function solved(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((row, index) => [...row, right[index]!])
  for (const [at, pivot] of rows.entries())
    for (const [index, row] of rows.entries()) {
      const factor = index === at ? 0 : row[at]! / pivot[at]!
      for (const column of row.keys()) row[column]! -= factor * pivot[column]!
    }
  return rows.map((row, index) => row.at(-1)! / row[index]!)
}

export const binsOf = (systems: readonly SystemCalibration[]): Bin[] =>
  binsOfWidth(systems.flatMap(({ forecasts }) => forecasts))
