/**
 * Deviation of a series from its baseline (comparison.ts), after removing trend and season (as in STL: Cleveland et al., 1990); and the
 * deviations of blocks of the baseline itself, for comparison (placebo.ts).
 */
import { compare, type Deviation, mayHaveMoved, type Sides, type Subject, subjectOf } from './comparison.ts'
import type { Series, TimeRange } from '../observations.ts'
import { placeboBlocks, quantileWithout } from './placebo.ts'
import { median, quantileOf, quantileOfSorted, sortedOf } from './robust.ts'
import { countWithin, finiteWithin } from './samples.ts'
import { periodOf, samePhase } from './season.ts'
import { habitsOf, outside, type Stretches, stretchLength } from './stretches.ts'
import { withoutTrend } from './trend.ts'

export { type Deviation, MOVED } from './comparison.ts'

/** A deviation with the deviations of the baseline's placebo blocks; null: that block did not move. */
export interface Compared extends Deviation {
  placebos: readonly (Deviation | null)[]
}

const MIN_BASELINE = 2
const MIN_WINDOW = 1
/** Smaller deviations are not checked for trend and season. */
const WORTH_EXPLAINING = 1.5

/**
 * null: too few points on one side. Changes explained by a trend or season of the baseline do not count. `known`: the prepared baseline, if
 * several windows are compared with it.
 */
export function deviationOf(series: Series, baseline: TimeRange, window: TimeRange, known?: Usual): Compared | null {
  const plain = askedAbout(series, baseline, window, known)
  if (plain === null) return null
  const found = deviationIn(plain)
  if (found.z < WORTH_EXPLAINING) return { ...found, placebos: placebosOf(plain) }
  const level = withoutTrend(series, baseline, window)
  const steady = level === null ? plain : askedAbout(level, baseline, window)
  if (steady === null) return null
  const left = steady === plain ? found : deviationIn(steady)
  const unexplained = left.z < WORTH_EXPLAINING ? left : beyondSeason(left, steady.usual, baseline, window)
  return { ...unexplained, series, placebos: placebosOf(steady) }
}

/** The finite samples of a baseline, in time order and sorted. */
export interface Usual {
  values: Float64Array
  sorted: Float64Array
}

export function usualOf(series: Series, baseline: TimeRange): Usual {
  const values = finiteWithin(series, baseline)
  return { values, sorted: sortedOf(values) }
}

interface Question {
  usual: Usual
  during: Float64Array
  subject: Subject
  /** a quantile of each stretch of the baseline */
  habits: (at: number) => Stretches
}

/** null: too few points on one side. */
function askedAbout(series: Series, baseline: TimeRange, window: TimeRange, known?: Usual): Question | null {
  const values = known?.values ?? finiteWithin(series, baseline)
  const during = finiteWithin(series, window)
  if (values.length < MIN_BASELINE || during.length < MIN_WINDOW) return null
  const subject = subjectOf(series, stretchLength(values.length, during.length))
  const usual = known ?? { values, sorted: sortedOf(values) }
  return { usual, during, subject, habits: habitsOf(values, subject.length) }
}

const deviationIn = ({ usual: { sorted }, during, subject, habits }: Question): Deviation =>
  compare(subject, {
    samples: sorted.length,
    before: (at) => quantileOfSorted(sorted, at),
    habits: (at) => habits(at).levels,
    values: during,
    during: (at) => quantileOf(during, at),
  })

/** Compares each block of the baseline with the rest of it. */
const placebosOf = ({ usual: { values, sorted }, during, subject, habits }: Question): (Deviation | null)[] =>
  placeboBlocks(values.length, during.length).map(({ start, end }) => {
    const block = values.subarray(start, end)
    const inOrder = sortedOf(block)
    const sides: Sides = {
      samples: sorted.length - block.length,
      before: (at) => quantileWithout(sorted, inOrder, at),
      habits: (at) => outside(habits(at), start - subject.length, end),
      values: block,
      during: (at) => quantileOfSorted(inOrder, at),
    }
    return mayHaveMoved(subject, sides, inOrder) ? compare(subject, sides) : null
  })

/** Minimum number of earlier periods for a seasonal comparison. */
const PHASES = 2

/** The deviation, reduced by the median deviation at the same phase of earlier periods. */
function beyondSeason(found: Deviation, usual: Usual, baseline: TimeRange, window: TimeRange): Deviation {
  const { series } = found
  const period = periodOf(series, baseline)
  if (period === null) return found
  const enough = countWithin(series.times, window) / 2
  const before = samePhase(period, baseline, window)
    .filter((range) => countWithin(series.times, range) >= enough)
    .flatMap((range) => askedAbout(series, baseline, range, usual) ?? [])
    .map(deviationIn)
  const atPhase = median(before.map(({ z }) => z))
  if (before.length < PHASES || atPhase <= 0) return found
  return { ...found, before: median(before.map(({ during }) => during)), z: found.z - atPhase }
}
