/**
 * How many points a season of a history has: where the steps from one value to the next are most like those so many points before. Steps,
 * because a level that wanders is like itself at any distance (Box and Jenkins, "Time series analysis", 1970).
 */
import { centred, productAt } from '../autocorrelation.ts'
import { normalQuantile } from '../metrics/normal.ts'

/** A season has so many points at least, */
const SHORTEST = 4
/** and was there so often. */
const SEASONS = 3
/** How likely steps without a season show one, at any of the distances that are tried. */
const BY_CHANCE = 0.05

/** More tell nothing new, and the time grows with their square: a week of minutes. */
const MOST = 10_080

/** null: none that is more than chance. */
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
  // What steps with the memory of a few that these have, but without a season, deviate by (Bartlett, 1946).
  const memory = likeness.subarray(1, fell + 1).reduce((sum, alike) => sum + alike ** 2, 0)
  const deviation = Math.sqrt((1 + 2 * memory) / steps.length)
  return best > normalQuantile(1 - BY_CHANCE / (longest - first + 1)) * deviation ? likeness.indexOf(best, first) : null
}

/** The autocorrelation at each distance up to the longest. */
function likenessOf(values: Float64Array, longest: number): Float64Array {
  const around = centred(values)
  const power = productAt(around, 0)
  return Float64Array.from({ length: longest + 1 }, (_, lag) => (power > 0 ? productAt(around, lag) / power : 0))
}
