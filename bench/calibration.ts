/**
 * Confidence against what came true. Platt scaling (Platt, "Probabilistic outputs for support vector machines", 1999) fitted on all
 * systems but one and measured on that one, so that no system vouches for itself.
 */
import { brierScore, calibrationError, type Forecast } from './measures.ts'

export interface Scaling {
  slope: number
  intercept: number
}

export interface SystemCalibration {
  system: string
  count: number
  /** as the engine says it */
  said: { brier: number; error: number }
  /** as scaled on the other systems */
  scaled: { brier: number; error: number }
}

const STEPS = 50
const RIDGE = 1

export function leaveOneSystemOut(bySystem: ReadonlyMap<string, readonly Forecast[]>): SystemCalibration[] {
  return [...bySystem].map(([system, own]) => {
    const others = [...bySystem].filter(([other]) => other !== system).map(([, forecasts]) => forecasts)
    const scaling = fitScaling(others)
    const scaled = own.map(({ probability, right }) => ({ right, probability: scale(probability, scaling) }))
    return { system, count: own.length, said: figures(own), scaled: figures(scaled) }
  })
}

const figures = (forecasts: readonly Forecast[]) => ({
  brier: brierScore(forecasts),
  error: calibrationError(forecasts),
})

export const scale = (probability: number, { slope, intercept }: Scaling): number =>
  sigmoid(slope * logit(probability) + intercept)

/** Newton's method on the log loss; each system weighs the same, however many questions it has. */
export function fitScaling(systems: readonly (readonly Forecast[])[]): Scaling {
  const points = systems.flatMap((forecasts) =>
    forecasts.map(({ probability, right }) => ({
      x: logit(probability),
      y: right ? 1 : 0,
      weight: 100 / forecasts.length,
    })),
  )
  let [slope, intercept] = [1, 0]
  for (let step = 0; step < STEPS; step++) {
    let [gradientSlope, gradientIntercept] = [RIDGE * (slope - 1), 0]
    let [curveSlope, curveBoth, curveIntercept] = [RIDGE, 0, 1e-6]
    for (const { x, y, weight } of points) {
      const p = sigmoid(slope * x + intercept)
      gradientSlope += weight * (p - y) * x
      gradientIntercept += weight * (p - y)
      const curve = weight * p * (1 - p)
      curveSlope += curve * x * x
      curveBoth += curve * x
      curveIntercept += curve
    }
    const determinant = curveSlope * curveIntercept - curveBoth ** 2
    if (!(determinant > 0)) break
    slope -= (curveIntercept * gradientSlope - curveBoth * gradientIntercept) / determinant
    intercept -= (curveSlope * gradientIntercept - curveBoth * gradientSlope) / determinant
  }
  return { slope, intercept }
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x))
const logit = (probability: number): number => {
  const inside = Math.min(0.99, Math.max(0.01, probability))
  return Math.log(inside / (1 - inside))
}
