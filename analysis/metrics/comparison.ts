/**
 * Compares a window with a baseline in robust deviations. A series that normally wanders or jumps must move further than a steady one
 * (RobustScaler of BARO: Pham et al., FSE 2024; here on medians of stretches, because a single sample is not an incident).
 */
import { type Direction, directionOf, isBetterWhenHigh, meaningOf, type Meaning, wholeOf } from './meaning.ts'
import type { Series } from '../observations.ts'
import { quantileOf } from './robust.ts'
import { stretches } from './stretches.ts'

export interface Deviation {
  series: Series
  /** samples stopped coming: `before` is the number of expected samples, `during` the number received */
  absent?: true
  /** if absent: time of the last sample, ms since the epoch */
  since?: number
  /** if absent: when samples came again, if they did */
  until?: number
  meaning: Meaning
  /** medians; `during` is that of the most deviating stretch */
  before: number
  during: number
  /** robust deviations from the baseline; positive is bad; for traffic and unknown indicators both directions are positive */
  z: number
  /** the same for the most deviating stretch of the baseline: how far this series moves normally */
  usual: number
  /** number of baseline samples, which limits the significance */
  samples: number
}

/** Smaller deviations are ignored. */
export const MOVED = 2
const MOST = 1000

/** Quantiles of a stretch that are compared: the median, and the worst tenth for intermittent problems. */
const MIDDLE = 0.5
const WORST_TENTH = 0.9
/** With fewer samples, the worst tenth would be a single one. */
const FEWEST_FOR_TENTH = 10
/** The tail is only compared if the window's exceeds this quantile of the baseline. */
const TAIL = 0.95

/** Minimum noise, as share of the level, for a (nearly) constant baseline. */
const RELATIVE_FLOOR = 0.02
const FAILURES_FLOOR = 0.005
/** For normally distributed values, in standard deviations: the range of a few dozen, the interquartile range, and the half-width that holds nine of ten. */
const [EXTENT, QUARTILES, NINE_OF_TEN] = [6, 1.349, 1.645]
/** Deviation assigned to a series whose baseline never moved, and the maximum per moved sample: a single sample is not an incident. */
const FROM_NOTHING = 10
const FROM_NOTHING_A_SAMPLE = 3

export interface Subject {
  series: Series
  meaning: Meaning
  direction: Direction
  /** a success rate: measured by its failures */
  isSuccess: boolean
  /** for a share of failures, its maximum (1 or 100); else null */
  whole: number | null
  /** samples per stretch */
  length: number
}

export function subjectOf(series: Series, length: number): Subject {
  const meaning = meaningOf(series)
  const isSuccess = isBetterWhenHigh(series)
  const whole = meaning === 'errors' && !isSuccess ? wholeOf(series) : null
  return { series, meaning, direction: directionOf(series, meaning), isSuccess, whole, length }
}

export interface Sides {
  /** number of baseline samples; `before`: a quantile of them */
  samples: number
  before: (at: number) => number
  /** a quantile of each stretch of the baseline */
  habits: (at: number) => Float64Array
  values: Float64Array
  /** a quantile of `values`, the samples of the window */
  during: (at: number) => number
}

/**
 * Compares the medians of stretches and, if these did not move, their worst tenths: a problem with every fourth request does not move the
 * median (users notice upper percentiles: Dean and Barroso, "The tail at scale", 2013).
 */
export function compare(subject: Subject, sides: Sides): Deviation {
  const middle = compareAt(subject, sides, MIDDLE)
  const tail = middle.z >= MOVED ? null : tailBeyond(subject, sides)
  if (tail === null) return middle
  const worst = compareAt(subject, sides, tail)
  return worst.z > middle.z ? worst : middle
}

/**
 * A cheap test on the sorted values: false if nothing can have moved. It bounds the quantiles of stretches by order statistics, and the scale
 * from below by that of single samples.
 */
export function mayHaveMoved(subject: Subject, sides: Sides, inOrder: Float64Array): boolean {
  const { direction } = subject
  const last = Math.min(subject.length, inOrder.length) - 1
  const reaches = (at: number): boolean => {
    const center = sides.before(at)
    const lowest = badness(inOrder[Math.floor(at * last)]! - center, direction)
    const highest = badness(inOrder[inOrder.length - 1 - (last - Math.ceil(at * last))]! - center, direction)
    const scale = narrowest(subject, sides, center)
    return scale === 0 || Math.max(lowest, highest) / scale >= MOVED
  }
  if (reaches(MIDDLE)) return true
  const tail = tailBeyond(subject, sides)
  return tail !== null && reaches(tail)
}

/** The quantile of the worst tenth; null if the tail need not be compared. */
function tailBeyond({ direction, length }: Subject, { before, during }: Sides): number | null {
  if (direction === 0 || length < FEWEST_FOR_TENTH) return null
  const at = direction > 0 ? WORST_TENTH : 1 - WORST_TENTH
  return direction * (during(at) - before(direction > 0 ? TAIL : 1 - TAIL)) > 0 ? at : null
}

function compareAt(subject: Subject, sides: Sides, at: number): Deviation {
  const { series, meaning, direction, length } = subject
  const center = sides.before(at)
  const habits = sides.habits(at)
  const scale = scaleOf(narrowest(subject, sides, center), habits, center, sides.values)
  const z = (level: number): number => Math.max(-MOST, Math.min(MOST, badness(level - center, direction) / scale))
  const worst = stretches(sides.values, length, at).levels.reduce((best, level) => (z(level) > z(best) ? level : best))
  const [lowest, highest] = extremesOf(habits, center)
  const usual = Math.max(0, z(lowest), z(highest))
  return { series, meaning, before: center, during: worst, z: z(worst), usual, samples: sides.samples }
}

function extremesOf(levels: Float64Array, center: number): [lowest: number, highest: number] {
  let lowest = center
  let highest = center
  for (let index = 0; index < levels.length; index++) {
    lowest = Math.min(lowest, levels[index]!)
    highest = Math.max(highest, levels[index]!)
  }
  return [lowest, highest]
}

const badness = (difference: number, direction: Direction): number =>
  direction === 0 ? Math.abs(difference) : direction * difference

/** Lower bound of the scale: the scatter of single samples. */
function narrowest(subject: Subject, { before }: Sides, center: number): number {
  const [lowest, highest] = [before(0), before(1)]
  const scatter = (before(0.75) - before(0.25)) / QUARTILES
  return Math.max(scatter, (highest - lowest) / EXTENT, floorOf(subject, highest, center))
}

/** Success rates are measured by their failures: from 100 to 97 percent is a large change. One failure in a million is negligible. */
function floorOf({ isSuccess, whole }: Subject, best: number, center: number): number {
  if (!isSuccess) return Math.max(RELATIVE_FLOOR * Math.abs(center), whole === null ? 0 : FAILURES_FLOOR * whole)
  return Math.max(FAILURES_FLOOR * Math.abs(best), RELATIVE_FLOOR * Math.abs(best - center))
}

/**
 * The larger of the scatter of single samples and of stretches. A baseline that never moved has no scale: then the change itself is used,
 * so that the result does not depend on the unit of the series.
 */
function scaleOf(scatter: number, habits: Float64Array, center: number, during: Float64Array): number {
  const scale = Math.max(scatter, wanderBeyond(scatter, habits, center))
  if (scale > 0) return scale
  const moved = during.filter((value) => value !== center)
  const furthest = moved.reduce((most, value) => Math.max(most, Math.abs(value - center)), 0)
  const own = furthest / Math.min(FROM_NOTHING, FROM_NOTHING_A_SAMPLE * moved.length)
  // `own` is 0 if `furthest` is the smallest positive number
  return own > 0 ? own : 1
}

/** Distance within which nine of ten stretches lie, as a standard deviation; 0 if it is below `known`, found by counting. */
function wanderBeyond(known: number, habits: Float64Array, center: number): number {
  let beyond = 0
  for (let index = 0; index < habits.length; index++)
    if (Math.abs(habits[index]! - center) / NINE_OF_TEN > known) beyond++
  const last = habits.length - 1
  if (beyond <= last - Math.ceil(0.9 * last)) return 0
  return quantileOf(habits.map((level) => Math.abs(level - center)), 0.9) / NINE_OF_TEN // prettier-ignore
}
