/** What is watched, and what is announced about it. Timestamps are ms since the epoch, UTC. */

/** One measured value. A rate, a level or a quantile, never a raw counter. */
export interface Sample {
  service: string
  /** pod, host or volume; followed only as a part of its service */
  instance?: string
  indicator: string
  unit?: string
  time: number
  value: number
  /** as `keyOf` makes it, from sources that keep it */
  key?: string
}

/** One indicator of one service; a changed unit makes another series. */
export type Identity = Pick<Sample, 'service' | 'indicator' | 'unit'>

export const keyOf = ({ indicator, unit = '' }: { indicator: string; unit?: string | undefined }): string =>
  `${indicator}\0${unit}`

/** `from` calls `to`. */
export interface Call {
  from: string
  to: string
}

/** A series outside its expected range. */
export interface Off extends Identity {
  value: number
  expected: number
  lower: number
  upper: number
  direction: 'above' | 'below'
  /** time of the first step outside */
  since: number
  /** -log10 of how often a week such a deviation is expected from this series: 2 is once in a hundred weeks */
  surprise: number
  /** the change is one that users notice: see `hurtFrom` */
  felt: boolean
  /** the last steps, oldest first; null: no sample */
  recent: (number | null)[]
}

/** The last value of a series, and the range that is expected of the next one; while it is off, the range that it left. */
export interface Band extends Identity {
  value: number
  expected: number
  lower: number
  upper: number
}

export type Severity = 'critical' | 'warning' | 'info'
/** From the least to the most severe. */
export const RANK: Readonly<Record<Severity, number>> = { info: 0, warning: 1, critical: 2 }
export type Phase = 'opened' | 'updated' | 'closed'

/**
 * `recovered`: back in the expected range. `settled`: it lasted so long that it is the new normal. `no_data`: no samples any more. `joined`: part of
 * another anomaly. `expected`: an exception began to cover it.
 */
export type Ending = 'recovered' | 'settled' | 'no_data' | 'joined' | 'expected'

/** One anomaly at one moment: everything that goes off together in services that call each other. */
export interface Anomaly {
  /** `<service>@<at>`, of when it was opened. Not `since`: a series that never came back inside its range can go off again */
  id: string
  phase: Phase
  /** position among its announcements, from 0 */
  sequence: number
  /** the service it most likely starts from: of those affected, one that calls no other affected one; else the strongest */
  service: string
  /** all affected services, strongest first */
  services: string[]
  severity: Severity
  /** sum of the surprises of its service, weighted by what users feel */
  score: number
  /** time of the first step outside the expected range */
  since: number
  /** time of this announcement */
  at: number
  /** strongest first, at most `MOST_SERIES`; when closed, as last seen outside */
  series: Off[]
  /** null while open */
  ending: Ending | null
  /** id of the anomaly that this one became a part of */
  joined: string | null
}

/** Series listed in an anomaly. */
export const MOST_SERIES = 10

/** Order of names, so that equally strong ones are always listed in the same order. */
export const compared = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0)
