/**
 * What the analysis works on: plain data about one incident, however it was obtained. Instants are milliseconds since
 * the epoch in UTC (fractions allowed). `evidence` is the id of the tool call an observation came from, so that a
 * conclusion can cite it; where it is absent (offline use) the analysis names its evidence itself.
 */
export interface TimeRange {
  start: number
  end: number
}

/** One measured quantity of one instance. `times` ascends; a missing sample is an absent point, never a zero. */
export interface Series {
  service: string
  instance?: string
  /** free name: what it means is inferred from its words, its unit and its behaviour */
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
  /** from log lines alone: there may be others beside it that no line shows */
  inferred?: true
}

/** A deployment, configuration change, scaling or commit. `service` is empty where it is not known. */
export interface Change {
  id: string
  timestamp: number
  type: string
  service: string
  author?: string
  summary: string
  /** before and after, a diff, or a list of files: as the control-plane gave it */
  detail?: unknown
  evidence?: string
  /** an approved action that the platform itself carried out */
  byPlatform?: true
}

export interface Alert {
  service?: string
  summary: string
  severity?: string
  /** ms since the epoch, when what it is about was first seen or, failing that, when it fired; it began no later */
  since?: number
  labels: Readonly<Record<string, string>>
  /** it fires no more */
  resolved?: true
}

/** What users of a service were promised, at least for as long as it is measured. */
export interface Objective {
  /** `*`: of every service */
  service: string
  /** as it is called in the series */
  indicator: string
  /** in the unit of the indicator; one of both at least */
  max?: number
  min?: number
}

/** Time known to have been an incident. */
export interface Disturbed extends TimeRange {
  /** ms since the epoch: somebody had noticed it by then; absent: not known */
  seen?: number
  /** how it is known: `incident INC-7`, `alert HighLatency of cart` */
  source?: { en: string; zh: string }
}

/** Everything known about one incident. Only `window` must be there; what is absent lowers what can be concluded. */
export interface Observations {
  window: TimeRange
  /** undisturbed time to compare with; may lie days before the window; absent: what precedes the onset */
  baseline?: TimeRange
  /** when it began, as somebody claims; may be minutes off; absent: found by change-point detection */
  onset?: number
  alert?: Alert
  /** alerts of any service that fire at the end of the window, whoever asked */
  firing?: readonly Alert[]
  objectives?: readonly Objective[]
  /** time known to have been an incident itself, as of alerts that fired and ended: none of it is compared with */
  disturbed?: readonly Disturbed[]
  /** the service the question was about, where there is one */
  asked?: string
  series: readonly Series[]
  logs: readonly LogLine[]
  spans: readonly Span[]
  edges: readonly CallEdge[]
  changes: readonly Change[]
}
