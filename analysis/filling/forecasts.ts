/** What is announced about resources that fill up. Timestamps are ms since the epoch, UTC. */
import type { Identity } from '../watch/watched.ts'
import type { Resource } from './resources.ts'

export type ForecastPhase = 'produced' | 'revised' | 'closed'

/**
 * `full`: it happened. `freed`: less is used than before, as after a clean-up, a resize or a restart. `slowed`: at this pace it is not full within the
 * horizon, or the pace is not credible any more. `no_data`: no samples any more.
 */
export type ForecastEnding = 'full' | 'freed' | 'slowed' | 'no_data'

/** A value on the way to the limit, in the unit of the indicator; the interval holds it with the probability `level`. */
export interface PathPoint {
  time: number
  value: number
  lower: number
  upper: number
}

/** When one resource of one service is full, as known at one moment. */
export interface Forecast extends Identity {
  /** `<service>/<indicator>@<at>`, of when it was produced */
  id: string
  phase: ForecastPhase
  /** position among its announcements, from 0 */
  sequence: number
  resource: Resource
  /** pod, host or volume that is full first; null: the service has none */
  instance: string | null
  /** time of this announcement */
  at: number
  /** measured value and limit, in the unit of the indicator */
  now: number
  limit: number
  /** since when it has been rising like this, as far as that is known */
  since: number
  /** when it is full; `latest` null: it may never be. When closed: as last announced */
  full: { at: number; earliest: number; latest: number | null; level: number }
  /** evenly spaced, from now until `full.at` */
  path: PathPoint[]
  /** what was measured last, evenly spaced, oldest first; null: a gap */
  recent: (number | null)[]
  /** ms between two of `recent` */
  recentStepMs: number
  /** null while open */
  ending: ForecastEnding | null
}
