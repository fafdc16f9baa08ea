/**
 * The input of the analysis: plain data about one incident. Timestamps are milliseconds since the epoch in UTC (fractions allowed).
 * `evidence` is the id of the tool call an observation came from, so that conclusions can cite it; if it is absent (offline use), the
 * analysis creates its own evidence ids.
 */
export interface TimeRange {
  start: number
  end: number
}

/** One measured quantity of one instance. `times` ascends; a missing sample has no point, it is never zero. */
export interface Series {
  service: string
  instance?: string
  /** free name: its meaning is inferred from its words, its unit and its values */
  indicator: string
  unit?: string
  times: Float64Array
  values: Float64Array
  evidence?: string
}

export interface LogLine {
  timestamp: number
  service: string
  instance?: string
  level?: string
  message: string
  traceId?: string
  spanId?: string
  evidence?: string
}

export interface Span {
  traceId: string
  spanId: string
  parentSpanId?: string
  service: string
  name: string
  start: number
  end: number
  status?: string
  attributes?: Readonly<Record<string, string | number | boolean>>
  evidence?: string
}

/** `from` calls `to`. */
export interface CallEdge {
  from: string
  to: string
  /** inferred from log lines: the call graph may be incomplete */
  inferred?: true
}

/** A deployment, configuration change, scaling or commit. `service` is empty if unknown. */
export interface Change {
  id: string
  timestamp: number
  type: string
  service: string
  author?: string
  summary: string
  /** before and after, a diff, or a list of files, as returned by the control-plane */
  detail?: unknown
  evidence?: string
  /** an approved action that the platform itself carried out */
  byPlatform?: true
}

export interface Alert {
  service?: string
  summary: string
  severity?: string
  /** ms since the epoch: when the problem was first seen or else when the alert fired; the incident did not start later */
  since?: number
  labels: Readonly<Record<string, string>>
  /** no longer firing */
  resolved?: true
}

/** An SLO: the level promised to the users of a service. */
export interface Objective {
  /** `*`: every service */
  service: string
  /** as named in the series */
  indicator: string
  /** in the unit of the indicator; at least one of `max` and `min` */
  max?: number
  min?: number
}

/** The time range of a known incident. */
export interface Disturbed extends TimeRange {
  /** ms since the epoch: when it was noticed; absent: unknown */
  seen?: number
  /** the service of its alert or incident; absent: unknown */
  service?: string
  /** its source, such as `incident INC-7` or `alert HighLatency on cart` */
  source?: { en: string; zh: string }
}

/** Everything known about one incident. Only `window` is required; missing data lowers the confidence. */
export interface Observations {
  window: TimeRange
  /** undisturbed time to compare with; may lie days before the window; absent: the time before the onset */
  baseline?: TimeRange
  /** the claimed onset, which may be minutes off; absent: found by change-point detection */
  onset?: number
  alert?: Alert
  /** alerts of any service that are firing at the end of the window */
  firing?: readonly Alert[]
  objectives?: readonly Objective[]
  /** known incidents, e.g. from resolved alerts; left out of the baseline */
  disturbed?: readonly Disturbed[]
  /** the service the question is about, if any */
  asked?: string
  series: readonly Series[]
  logs: readonly LogLine[]
  spans: readonly Span[]
  edges: readonly CallEdge[]
  changes: readonly Change[]
}
