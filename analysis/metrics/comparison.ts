/**
 * A stretch of time compared with a baseline, in robust deviations. A series that wanders or jumps by habit must go further than one
 * that never did (RobustScaler of BARO: Pham et al., FSE 2024; here on medians of stretches, because one sample is no incident).
 */
import { type Direction, directionOf, isBetterWhenHigh, meaningOf, type Meaning, wholeOf } from './meaning.ts'
import type { Series } from '../observations.ts'
import { quantileOf } from './robust.ts'
import { stretches } from './stretches.ts'

export interface Deviation {
  series: Series
  /** no level moved: samples stopped coming; `before` are those that should have come, `during` those that did */
  absent?: true
  /** of what is absent: when the last sample came, ms since the epoch */
  since?: number
  /** when they came again, where they did */
  until?: number
  meaning: Meaning
  /** medians; `during` is that of the stretch that went furthest */
  before: number
  during: number
  /** robust deviations from the baseline; positive is bad, for traffic and unknown indicators either way */
  z: number
  /** the same of the stretch of the baseline that went furthest: what this series does by itself */
  usual: number
  /** samples of the baseline: so few cannot tell more than one in as many */
  samples: number
}

/** Less is not looked at. */
export const MOVED = 2
const MOST = 1000

/** Of a stretch: its median, and, for what comes and goes, how bad its worst tenth is. */
const MIDDLE = 0.5
const WORST_TENTH = 0.9
/** A tenth of fewer samples is one of them. */
const FEWEST_FOR_TENTH = 10
/** Of the baseline: the tail of the window must be beyond it to be worth a look. */
const TAIL = 0.95

/** A constant baseline has no scale of its own: this share of its level is taken for noise. */
const RELATIVE_FLOOR = 0.02
const FAILURES_FLOOR = 0.005
/** Of normal values, in standard deviations: between the extremes of some dozens, between the quartiles, and within which nine of ten lie. */
const [EXTENT, QUARTILES, NINE_OF_TEN] = [6, 1.349, 1.645]
/** Robust deviations a series went that had never moved before, and how many of them one sample tells: one is no incident. */
const FROM_NOTHING = 10
const FROM_NOTHING_A_SAMPLE = 3

export interface Subject {
  series: Series
  meaning: Meaning
  direction: Direction
  /** success: told by the failures it leaves */
  isSuccess: boolean
  /** of a share of failures, what all of them are; else null */
  whole: number | null
  /** samples of a stretch */
  length: number
}

export function subjectOf(series: Series, length: number): Subject {
  const meaning = meaningOf(series)
  const isSuccess = isBetterWhenHigh(series)
  const whole = meaning === 'errors' && !isSuccess ? wholeOf(series) : null
  return { series, meaning, direction: directionOf(series, meaning), isSuccess, whole, length }
}

export interface Sides {
  /** how many samples the baseline has, and a quantile of them */
  samples: number
  before: (at: number) => number
  /** of its stretches, a quantile of each */
  habits: (at: number) => Float64Array
  values: Float64Array
  /** a quantile of them */
  during: (at: number) => number
}

/**
 * By the medians of stretches, and, where these did not move, by their worst tenths: a disturbance of every fourth request, or a wider
 * scatter, moves no median (upper quantiles are what users wait for: Dean and Barroso, "The tail at scale", 2013).
 */
export function compare(subject: Subject, sides: Sides): Deviation {
  const middle = compareAt(subject, sides, MIDDLE)
  const tail = middle.z >= MOVED ? null : tailBeyond(subject, sides)
  if (tail === null) return middle
  const worst = compareAt(subject, sides, tail)
  return worst.z > middle.z ? worst : middle
}

/**
 * False where it is certain that nothing moved, which the values in their order tell at once: a quantile of a stretch has enough of them
 * on either side, and the scale is never smaller than that of single samples.
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

/** Which quantile is that of the worst tenth; null where it tells nothing new. */
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

/** By what single samples scatter. */
function narrowest(subject: Subject, { before }: Sides, center: number): number {
  const [lowest, highest] = [before(0), before(1)]
  const scatter = (before(0.75) - before(0.25)) / QUARTILES
  return Math.max(scatter, (highest - lowest) / EXTENT, floorOf(subject, highest, center))
}

/** Success near its best is measured by the failures it leaves: from 100 to 97 percent is a lot. One failure in a million is nothing. */
function floorOf({ isSuccess, whole }: Subject, best: number, center: number): number {
  if (!isSuccess) return Math.max(RELATIVE_FLOOR * Math.abs(center), whole === null ? 0 : FAILURES_FLOOR * whole)
  return Math.max(FAILURES_FLOOR * Math.abs(best), RELATIVE_FLOOR * Math.abs(best - center))
}

/**
 * The larger of what single samples scatter and what stretches wander. A baseline that never moved has no scale: then what
 * came is measured by itself, so that scaling a series changes nothing.
 */
function scaleOf(scatter: number, habits: Float64Array, center: number, during: Float64Array): number {
  const scale = Math.max(scatter, wanderBeyond(scatter, habits, center))
  if (scale > 0) return scale
  const moved = during.filter((value) => value !== center)
  const furthest = moved.reduce((most, value) => Math.max(most, Math.abs(value - center)), 0)
  const own = furthest / Math.min(FROM_NOTHING, FROM_NOTHING_A_SAMPLE * moved.length)
  // the smallest number there is has no third of it
  return own > 0 ? own : 1
}

/** How far nine of ten stretches are from here, as a standard deviation; 0 where that is within what is known, which counting tells. */
function wanderBeyond(known: number, habits: Float64Array, center: number): number {
  let beyond = 0
  for (let index = 0; index < habits.length; index++)
    if (Math.abs(habits[index]! - center) / NINE_OF_TEN > known) beyond++
  const last = habits.length - 1
  if (beyond <= last - Math.ceil(0.9 * last)) return 0
  return quantileOf(habits.map((level) => Math.abs(level - center)), 0.9) / NINE_OF_TEN // prettier-ignore
}
