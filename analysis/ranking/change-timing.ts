/**
 * How much likelier a change is at its time if it caused the incident than if it did not. A guilty change comes shortly before the service's own signals
 * move; innocent ones come at any time, as often as a service is usually changed (a Poisson process). So the same few minutes say much
 * where services change once a week, and little where they change every ten minutes.
 */
import { smallest } from '../extremes.ts'
import type { Change, TimeRange } from '../observations.ts'
import type { Known } from '../metrics/onset.ts'

/** Half of the guilty changes take effect within this time; the others may take much longer, because a fault may wait for its traffic. */
const TYPICAL_MS = 2 * 60_000
/** Prior knowledge: in a day, each service changes once. */
const PRIOR_MS = 24 * 3_600_000

/** The log of the likelihood ratio. `began`: when the changed service's own signals began to move, as exactly as they tell; null: unknown. */
export type Timing = (change: Change, began: TimeRange | null) => number

interface Circumstances {
  changes: readonly Change[]
  onset: number
  known: Known
}

/** `services`: how many there are. */
export function timingAmong({ changes, onset, known }: Circumstances, services: number): Timing {
  const instants = changes.map(({ timestamp }) => timestamp).filter((one) => one <= onset)
  const viewMs = onset - smallest([...instants, known.window.start, onset])
  const many = Math.max(1, services)
  const rate = (many + Math.max(0, instants.length - 1)) / (many * (PRIOR_MS + viewMs))
  return (change, began) => {
    const { start, end } = began ?? { start: onset, end: onset }
    const [lagMs, scaleMs] = [Math.max(0, start - change.timestamp), TYPICAL_MS + end - start]
    return Math.log(scaleMs / (scaleMs + lagMs) ** 2 / rate)
  }
}
