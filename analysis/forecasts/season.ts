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

/** The season length in points; null: none is significant. */
export function seasonOf(history: Float64Array): number | null {
  const recent = history.subarray(-MOST)
  const steps = recent.slice(1).map((value, at) => value - recent[at]!)
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
