/**
 * Detects the season length: the lag with the highest autocorrelation of the differences. Differences, because a wandering level
 * correlates at every lag (Box and Jenkins, "Time series analysis", 1970).
 */
import { centred, productAt } from '../autocorrelation.ts'
import { normalQuantile } from '../metrics/normal.ts'

/** Minimum number of points in a season. */
const SHORTEST = 4
/** Minimum number of seasons in the history. */
const SEASONS = 3
/** Probability of a false detection over all lags that are tried. */
const BY_CHANCE = 0.05

/** Uses the last week of minutes: more adds nothing, and the time grows with the square. */
const MOST = 10_080

/** A season within another: a day in a week, an hour in a day. */
const MOST_IN_ONE = 30
/** Two multiples of one season are alike; the shorter one is preferred if it explains nearly as much. */
const NEARLY = 0.9

/**
 * The seasons of the history, ascending: `told` (1: unknown), or the one found, and a longer or shorter one that stands out beside it. Empty:
 * none, or the history is too short for it.
 */
export function seasonsOf(history: Float64Array, told: number): number[] {
  const recent = history.subarray(-MOST)
  const first = told > 1 ? told : seasonOf(history)
  if (first === null || history.length < SEASONS * first + 1) return []
  const longer = among(seasonalSteps(recent, first), multiplesOf(first, history.length))
  if (longer !== null) return [first, longer]
  const shorter = told > 1 ? null : among(seasonalSteps(recent, 1), partsOf(first))
  return shorter === null ? [first] : [shorter, first]
}

const multiplesOf = (season: number, count: number): number[] =>
  Array.from({ length: MOST_IN_ONE - 1 }, (_, at) => (at + 2) * season).filter((lag) => SEASONS * lag < count)

const partsOf = (season: number): number[] =>
  Array.from({ length: MOST_IN_ONE - 1 }, (_, at) => season / (at + 2)).filter(
    (lag) => Number.isInteger(lag) && lag >= SHORTEST,
  )

const seasonalSteps = (history: Float64Array, season: number): Float64Array =>
  history.slice(season).map((value, at) => value - history[at]!)

/** The lag that stands out, also from the lags beside it; null: none is significant. */
function among(steps: Float64Array, lags: readonly number[]): number | null {
  const around = centred(steps)
  const power = productAt(around, 0)
  const likenessAt = (lag: number): number => (power > 0 ? productAt(around, lag) / power : 0)
  const least = normalQuantile(1 - BY_CHANCE / lags.length) / Math.sqrt(steps.length)
  const alike = lags
    .map((lag) => ({ lag, likeness: likenessAt(lag) }))
    .filter(({ lag, likeness }) => likeness > Math.max(least, likenessAt(lag - 1), likenessAt(lag + 1)))
  const best = alike.reduce((most, { likeness }) => Math.max(most, likeness), 0)
  return alike.find(({ likeness }) => likeness >= NEARLY * best)?.lag ?? null
}

/** The season length in points; null: none is significant. */
export function seasonOf(history: Float64Array): number | null {
  const recent = history.subarray(-MOST)
  const steps = seasonalSteps(recent, 1)
  const longest = Math.floor((steps.length - 1) / SEASONS)
  if (longest < SHORTEST) return null
  const likeness = likenessOf(steps, longest)
  const fell = likeness.findIndex((alike) => alike <= 0)
  const first = Math.max(fell + 1, SHORTEST)
  if (fell < 1 || first > longest) return null
  const best = likeness.subarray(first).reduce((most, alike) => Math.max(most, alike))
  // standard error of the autocorrelation without a season, given the short-range correlation (Bartlett, 1946)
  const memory = likeness.subarray(1, fell + 1).reduce((sum, alike) => sum + alike ** 2, 0)
  const deviation = Math.sqrt((1 + 2 * memory) / steps.length)
  return best > normalQuantile(1 - BY_CHANCE / (longest - first + 1)) * deviation ? likeness.indexOf(best, first) : null
}

/** The autocorrelation at each lag up to `longest`. */
function likenessOf(values: Float64Array, longest: number): Float64Array {
  const around = centred(values)
  const power = productAt(around, 0)
  return Float64Array.from({ length: longest + 1 }, (_, lag) => (power > 0 ? productAt(around, lag) / power : 0))
}
