/** When it began: the instant at which the most series leave their habits together. */
import { deviationAt } from './deviation.ts'
import type { Observations } from './observations.ts'

const CANDIDATES = 60
/** A claimed onset may be this far off. */
const TOLERANCE_MS = 5 * 60_000
/** Normal time an onset needs in front of it, and disturbed time behind it, as a share of the window. */
const MARGIN = 0.05
/** A series tells about the onset in so far as it moved; one that jumped to infinity tells no more than a clear one. */
const CLEAR = 20

/** ms since the epoch, or null when nothing moved. `from`: where the comparison begins. */
export function findOnset(observations: Observations, from: number): number | null {
  const { window, onset: claimed } = observations
  const length = window.end - window.start
  const early = observations.baseline === undefined ? window.start + MARGIN * length : window.start
  const start = claimed === undefined ? early : Math.max(early, claimed - TOLERANCE_MS)
  const end = claimed === undefined ? window.end - MARGIN * length : Math.min(window.end - 1, claimed + TOLERANCE_MS)
  if (!(end > start)) return null
  let best = { at: null as number | null, weight: 0 }
  for (let index = 0; index <= CANDIDATES; index++) {
    const at = start + ((end - start) * index) / CANDIDATES
    let weight = 0
    for (const series of observations.series) {
      const deviation = deviationAt(series, from, at, window.end)
      if (deviation !== null && deviation.z > 3) weight += Math.min(deviation.z, CLEAR)
    }
    if (weight > best.weight * 1.001) best = { at, weight }
  }
  return best.at
}
