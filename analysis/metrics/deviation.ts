/**
 * How far a series went from its habits. The window is compared with stretches of the baseline of the same length, so that a
 * series that wanders or jumps by habit must go further than one that never did (RobustScaler of BARO: Pham et al., FSE 2024;
 * here on medians of stretches, because one sample is no incident).
 */
import { type Direction, directionOf, isBetterWhenHigh, meaningOf, type Meaning, wholeOf } from './meaning.ts'
import type { Series, TimeRange } from '../observations.ts'
import { placeboBlocks, without } from './placebo.ts'
import { median, quantileOf, quantileOfSorted, sortedOf } from './robust.ts'
import { countWithin, lowerBound } from './samples.ts'
import { periodOf, samePhase } from './season.ts'
import { withoutTrend } from './trend.ts'

export type { Meaning } from './meaning.ts'
export { median } from './robust.ts'

export interface Deviation {
  series: Series
  /** no level moved: samples stopped coming; `before` are those that should have come, `during` those that did */
  absent?: true
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

/** What a deviation is, and what blocks of the baseline look like when each is asked about as the window is. */
export interface Compared extends Deviation {
  placebos: readonly Deviation[]
}

/** A constant baseline has no scale of its own: this share of its level is taken for noise. */
const RELATIVE_FLOOR = 0.02
const FAILURES_FLOOR = 0.005
/** Standard deviations between the extremes of some dozens of normal values. */
const EXTENT = 6
const MIN_BASELINE = 2
const MIN_WINDOW = 1
const MOST = 1000
/** A disturbance need not last for the whole window, only for this share of it. */
const STRETCH = 0.4
/** The baseline is seen as so many stretches at least. */
const STRETCHES = 6
const LONGEST_STRETCH = 60
/** Robust deviations a series went that had never moved before, and how many of them one sample tells: one is no incident. */
const FROM_NOTHING = 10
const FROM_NOTHING_A_SAMPLE = 3

/** Less is not looked at. */
export const MOVED = 2
/** What goes less far than this needs no trend and no season to explain it. */
const WORTH_EXPLAINING = 1.5

/** null: too few points on one side to say anything. What a trend or a season of the baseline explains is no deviation. */
export function deviationOf(series: Series, baseline: TimeRange, window: TimeRange): Compared | null {
  const plain = comparedWith(series, baseline, window)
  if (plain === null || plain.z < WORTH_EXPLAINING) return plain
  const level = withoutTrend(series, baseline, window)
  const steady = level === null ? plain : comparedWith(level, baseline, window)
  if (steady === null || steady.z < WORTH_EXPLAINING) return steady && { ...steady, series }
  return { ...beyondSeason(steady, baseline, window), series }
}

function comparedWith(series: Series, baseline: TimeRange, window: TimeRange): Compared | null {
  const before = within(series, baseline)
  const during = within(series, window)
  if (before.length < MIN_BASELINE || during.length < MIN_WINDOW) return null
  const subject = subjectOf(series, stretchLength(before.length, during.length))
  const sorted = sortedOf(before)
  const habits = habitsOf(before, subject.length)
  const placebos = placeboBlocks(before.length, during.length).map((block) => {
    const asked = before.subarray(block.start, block.end)
    const others = (at: number): Float64Array => outside(habits(at), block.start - subject.length, block.end)
    return compareBoth(subject, without(sorted, sortedOf(asked)), others, asked)
  })
  return { ...compareBoth(subject, sorted, (at) => habits(at).levels, during), placebos }
}

/** So many earlier periods tell what is usual at a phase. */
const PHASES = 2

/** The same, in so far as it goes further than the series went at the same phase of earlier periods. */
function beyondSeason(found: Compared, baseline: TimeRange, window: TimeRange): Compared {
  const { series } = found
  const period = periodOf(series, baseline)
  if (period === null) return found
  const enough = countWithin(series.times, window) / 2
  const before = samePhase(period, baseline, window)
    .filter((range) => countWithin(series.times, range) >= enough)
    .flatMap((range) => comparedWith(series, baseline, range) ?? [])
  const atPhase = median(before.map(({ z }) => z))
  if (before.length < PHASES || atPhase <= 0) return found
  return { ...found, before: median(before.map(({ during }) => during)), z: found.z - atPhase }
}

interface Subject {
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

/** Stretches of the baseline by a quantile, each worked out when it is asked for. */
function habitsOf(before: Float64Array, length: number): (at: number) => Stretches {
  const known = new Map<number, Stretches>()
  return (at) => {
    const habits = known.get(at) ?? stretches(before, length, at)
    known.set(at, habits)
    return habits
  }
}

function subjectOf(series: Series, length: number): Subject {
  const meaning = meaningOf(series)
  const isSuccess = isBetterWhenHigh(series)
  const whole = meaning === 'errors' && !isSuccess ? wholeOf(series) : null
  return { series, meaning, direction: directionOf(series, meaning), isSuccess, whole, length }
}

/** Of a stretch: its median, and, for what comes and goes, how bad its worst tenth is. */
const MIDDLE = 0.5
const WORST_TENTH = 0.9
/** A tenth of fewer samples is one of them. */
const FEWEST_FOR_TENTH = 10
/** Of the baseline: the tail of the window must be beyond it to be worth a look. */
const TAIL = 0.95

/**
 * By the medians of stretches, and, where these did not move, by their worst tenths: a disturbance of every fourth request, or a wider
 * scatter, moves no median (upper quantiles are what users wait for: Dean and Barroso, "The tail at scale", 2013).
 */
function compareBoth(
  subject: Subject,
  sorted: Float64Array,
  wandered: (at: number) => Float64Array,
  during: Float64Array,
): Deviation {
  const { length, direction } = subject
  const middle = compare(subject, sorted, wandered(MIDDLE), during, MIDDLE)
  if (middle.z >= MOVED || direction === 0 || length < FEWEST_FOR_TENTH) return middle
  const at = direction > 0 ? WORST_TENTH : 1 - WORST_TENTH
  const beyond = quantileOf(during, at) - quantileOfSorted(sorted, direction > 0 ? TAIL : 1 - TAIL)
  if (!(direction * beyond > 0)) return middle
  const tail = compare(subject, sorted, wandered(at), during, at)
  return tail.z > middle.z ? tail : middle
}

function compare(
  { series, meaning, direction, isSuccess, whole, length }: Subject,
  sorted: Float64Array,
  wandered: Float64Array,
  during: Float64Array,
  /** which quantile */
  at: number,
): Deviation {
  const center = quantileOfSorted(sorted, at)
  const habits = new Float64Array(wandered.length)
  let [lowest, highest] = [0, 0]
  for (let index = 0; index < wandered.length; index++) {
    const habit = wandered[index]! - center
    habits[index] = Math.abs(habit)
    if (habit < lowest) lowest = habit
    if (habit > highest) highest = habit
  }
  const scale = scaleOf(sorted, center, floorOf(isSuccess, whole, sorted, center), habits, during)
  const badness = (difference: number): number => clip((direction === 0 ? Math.abs(difference) : direction * difference) / scale) // prettier-ignore
  const worst = stretches(during, length, at).levels.reduce((best, level) =>
    badness(level - center) > badness(best - center) ? level : best,
  )
  return {
    series,
    meaning,
    before: center,
    during: worst,
    z: badness(worst - center),
    usual: Math.max(0, badness(lowest), badness(highest)),
    samples: sorted.length,
  }
}

const clip = (value: number): number => Math.max(-MOST, Math.min(MOST, value))

const stretchLength = (before: number, during: number): number =>
  Math.max(1, Math.min(Math.ceil(during * STRETCH), Math.floor(before / STRETCHES), LONGEST_STRETCH))

interface Stretches {
  /** samples from the beginning of one to that of the next: they overlap by half */
  stride: number
  /** medians */
  levels: Float64Array
}

function stretches(values: Float64Array, length: number, at: number): Stretches {
  const stride = Math.max(1, Math.floor(length / 2))
  const count = Math.floor((values.length - length) / stride) + 1
  if (count <= 0) return { stride, levels: Float64Array.of(quantileOf(values, at)) }
  if (length === 1) return { stride, levels: values }
  const levels = new Float64Array(count)
  for (let index = 0; index < count; index++)
    levels[index] = quantileOf(values.subarray(index * stride, index * stride + length), at)
  return { stride, levels }
}

/** Levels of those that begin up to one instant, or from another on. */
function outside({ stride, levels }: Stretches, upTo: number, from: number): Float64Array {
  const first = Math.max(0, Math.min(levels.length, Math.floor(upTo / stride) + 1))
  const next = Math.max(first, Math.min(levels.length, Math.ceil(from / stride)))
  const kept = new Float64Array(levels.length - (next - first))
  kept.set(levels.subarray(0, first))
  kept.set(levels.subarray(next), first)
  return kept
}

/**
 * The larger of what single samples scatter and what stretches wander. A baseline that never moved has no scale: then what
 * came is measured by itself, so that scaling a series changes nothing.
 */
function scaleOf(
  sorted: Float64Array,
  center: number,
  floor: number,
  /** how far stretches of the baseline were from its middle */
  habits: Float64Array,
  during: Float64Array,
): number {
  const scatter = (quantileOfSorted(sorted, 0.75) - quantileOfSorted(sorted, 0.25)) / 1.349
  const wander = quantileOf(habits, 0.9) / 1.645
  const extent = (sorted.at(-1) ?? 0) - sorted[0]!
  const scale = Math.max(scatter, wander, extent / EXTENT, floor)
  if (scale > 0) return scale
  const moved = during.filter((value) => value !== center)
  const furthest = moved.reduce((most, value) => Math.max(most, Math.abs(value - center)), 0)
  return furthest > 0 ? furthest / Math.min(FROM_NOTHING, FROM_NOTHING_A_SAMPLE * moved.length) : 1
}

/** Success near its best is measured by the failures it leaves: from 100 to 97 percent is a lot. One failure in a million is nothing. */
function floorOf(isSuccess: boolean, whole: number | null, sorted: Float64Array, center: number): number {
  if (!isSuccess) return Math.max(RELATIVE_FLOOR * Math.abs(center), whole === null ? 0 : FAILURES_FLOOR * whole)
  const best = sorted.at(-1) ?? 0
  return Math.max(FAILURES_FLOOR * Math.abs(best), RELATIVE_FLOOR * Math.abs(best - center))
}

/** Times ascend; a value that is no number is an absent point. */
export function within({ times, values }: Series, { start, end }: TimeRange): Float64Array {
  const first = lowerBound(times, start)
  const last = lowerBound(times, end)
  const inside = values.subarray(first, last)
  return inside.every(Number.isFinite) ? inside : inside.filter(Number.isFinite)
}
