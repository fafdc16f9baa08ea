/** Baselines of the anomaly detector: an anomaly score per point, from the points before it. */
import { median, spreadAround } from '../../analysis/metrics/robust.ts'
import { randomFrom } from '../rankings/measures.ts'
import { probationOf } from './nab-score.ts'

export type Detector = (values: readonly number[], seed: number) => number[]

export const anomalyBaselines: Readonly<Record<string, Detector>> = {
  'windowed Gaussian': windowedGaussian,
  'robust z-score': robustZScore,
  random: (values, seed) => {
    const random = randomFrom(seed)
    return values.map(() => random())
  },
}

const WINDOW = 6400
const STRIDE = 100
/** Deviations at which 1 minus the normal tail probability is 1 in double precision; NAB's scorer does not distinguish beyond that. */
const FARTHEST = 8.29
/** Minimum deviation, as in NAB. */
const NO_DEVIATION = 1e-6

/** NAB's own baseline with its constants: deviations from the mean of recent points, recomputed after each stride. */
function windowedGaussian(values: readonly number[]): number[] {
  const gaussian = gaussiansOf(values)
  let known = { centre: 0, deviation: 1 }
  return values.map((value, at) => {
    const said = at === 0 ? 0 : Math.abs(value - known.centre) / known.deviation
    const count = at + 1
    if (count < WINDOW || (count - WINDOW) % STRIDE === 0) known = gaussian(Math.max(0, count - WINDOW), count)
    return Math.min(said, FARTHEST)
  })
}

/** Mean and deviation of any stretch, from running sums of distances from the first value, so that a constant deviates by exactly zero. */
function gaussiansOf(values: readonly number[]): (from: number, to: number) => { centre: number; deviation: number } {
  const origin = values[0]!
  const sums = new Float64Array(values.length + 1)
  const squares = new Float64Array(values.length + 1)
  for (const [at, value] of values.entries()) {
    sums[at + 1] = sums[at]! + (value - origin)
    squares[at + 1] = squares[at]! + (value - origin) ** 2
  }
  return (from, to) => {
    const mean = (sums[to]! - sums[from]!) / (to - from)
    const variance = (squares[to]! - squares[from]!) / (to - from) - mean ** 2
    return { centre: origin + mean, deviation: Math.sqrt(Math.max(variance, 0)) || NO_DEVIATION }
  }
}

/** Deviations from the median of the beginning, which is not scored. */
function robustZScore(values: readonly number[]): number[] {
  const beginning = values.slice(0, probationOf(values.length))
  const centre = median(beginning)
  const deviation = spreadAround(centre, beginning) || gaussiansOf(beginning)(0, beginning.length).deviation
  return values.map((value) => Math.abs(value - centre) / deviation)
}
