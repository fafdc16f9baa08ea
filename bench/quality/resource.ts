/** The course of one generated resource, with the moment it is full. Everything follows from the random numbers. */

export type Random = () => number

/** All in ms; shares of the limit. */
export interface Shape {
  indicator: string
  stepMs: number
  /** before the rise begins, and at most after it */
  before: number
  after: number
  /** without noise, `at` after the rise begins (negative before it) */
  level(at: number): number
  noise: number
  /** from the beginning of the rise until the last jump in it, from which on it counts; default 0 */
  jump?: number
}

export interface Course extends Pick<Shape, 'indicator' | 'stepMs'> {
  /** ms since the epoch */
  times: number[]
  values: number[]
  /** when the rise begins that makes it full, or jumps for the last time, and when it is full; null: it never is */
  onset: number
  full: number | null
}

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR
const START = Date.parse('2026-03-02T00:00:00Z')

/** Ends when it is full. */
export function courseOf({ indicator, stepMs, before, after, level, noise, jump = 0 }: Shape, random: Random): Course {
  const course: Course = { indicator, stepMs, times: [], values: [], onset: START + before + jump, full: null }
  for (let at = -before; at <= after && course.full === null; at += stepMs) {
    const [time, value] = [START + before + at, Math.max(0, level(at) + noise * normal(random))]
    course.times.push(time)
    course.values.push(Math.min(1, value))
    if (value >= 1) course.full = time
  }
  return course
}

export const normal = (random: Random): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()) // prettier-ignore
export const between = (random: Random, least: number, most: number): number => least + (most - least) * random()

/** -1 to 1, once a period. */
export const wave = (period: number, phase: number) => (at: number): number => Math.sin(2 * Math.PI * (at / period + phase)) // prettier-ignore
/** Rises from 0 to 1 and falls at once, once a period. */
export const saw = (period: number, phase: number) => (at: number): number => at / period + phase - Math.floor(at / period + phase) // prettier-ignore
