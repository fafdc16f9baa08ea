/** Simple detectors to compare the anomaly detector with. Each scores a point from the points before it. */
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
/** From this many standard deviations on, 1 minus the normal tail probability rounds to 1, so NAB's scorer sees no difference. */
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

/** Mean and standard deviation of any stretch. The sums are of distances from the first value, so a constant series has a variance of exactly 0. */
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

/** Robust deviations from the median of the probation period, which NAB does not score. */
function robustZScore(values: readonly number[]): number[] {
  const beginning = values.slice(0, probationOf(values.length))
  const centre = median(beginning)
  const deviation = spreadAround(centre, beginning) || gaussiansOf(beginning)(0, beginning.length).deviation
  return values.map((value) => Math.abs(value - centre) / deviation)
}

const DAY_MS = 86_400_000
const DAYS = 7
const BESIDE = 5

/**
 * Distance from the median of the values at the same time of the last seven days, five steps to either side, in median absolute deviations of these;
 * 0 in the first day. `times`: ms, ascending.
 */
export function seasonalMedian(times: readonly number[], values: readonly number[]): number[] {
  const at = new Map(times.map((time, index) => [time, values[index]!]))
  const step = median(times.slice(1).map((time, index) => time - times[index]!))
  const offsets = Array.from({ length: DAYS }, (_, day) => (day + 1) * DAY_MS).flatMap((day) => Array.from({ length: 2 * BESIDE + 1 }, (_, index) => (index - BESIDE) * step - day)) // prettier-ignore
  return values.map((value, index) => {
    const before = offsets.flatMap((offset) => at.get(times[index]! + offset) ?? [])
    if (before.length === 0) return 0
    const centre = median(before)
    return Math.abs(value - centre) / (spreadAround(centre, before) || NO_DEVIATION)
  })
}
