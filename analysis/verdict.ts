import type { TimeRange } from './observations.ts'

/** What the analysis concludes: the same structure for the agents, the offline commands and the evaluation. */
export interface Verdict {
  verdict: 'incident' | 'nothing_wrong' | 'inconclusive'
  /** ms since the epoch; null when nothing began */
  onset: number | null
  /** phase of the incident at the end of the window; null if nothing began */
  phase: Phase | null
  /** for an incident that is over: the change after which the first cause recovered; absent if none is known */
  cameBackAfter?: Text
  /** what went wrong earlier in the window and is over */
  earlier: readonly EarlierIncident[]
  /** faults that need no baseline */
  standing: readonly Text[]
  /** for `nothing_wrong`: the time that was compared with the baseline */
  compared?: TimeRange
  /**
   * probability that the answer is right, 0..1, calibrated on public sets (ranking/confidence.ts): that rank 1 is the cause or, for
   * `nothing_wrong`, that nothing is wrong; 0 if nothing could be compared
   */
  confidence: number
  /** every service with data, most likely cause first */
  rootCauses: readonly RootCause[]
  findings: readonly Finding[]
  evidence: readonly Evidence[]
  /** data gaps, and what would separate the two top candidates */
  missing: readonly Text[]
  /** what would separate the two top candidates; its sentence is the last of `missing` too */
  nextQuery: NextQuery | null
  ruledOut: readonly RuledOut[]
}

/** An incident in the window that was over before the reported one began. */
export interface EarlierIncident {
  service: string
  /** ms since the epoch; `until` null: not known */
  since: number
  until: number | null
}

/** Of a disturbance at the end of the window. */
export type Phase = 'going_on' | 'recovering' | 'over'

export interface NextQuery {
  source: 'metrics' | 'logs' | 'traces' | 'changes'
  /** the service to query */
  services: readonly string[]
  /** for metrics: the indicator, by its name on the other candidate */
  indicator: string | null
  text: Text
}

export interface RootCause {
  rank: number
  service: string
  /** the most telling indicator; null if only a change or log lines point to the service */
  indicator: string | null
  changeId: string | null
  /** 0..1, comparable within one verdict only */
  score: number
  explanation: Text
  /** when its own signals began to move, and where they came back, until when they did; ms since the epoch */
  since: number | null
  until: number | null
  /** null: none of its indicators moved */
  phase: Phase | null
  /** disturbed enough to be an incident of its own, but explains nothing of the first candidate */
  isSeparate: boolean
  /** ids in `Verdict.evidence`, or of tool calls if the observations carried them */
  evidence: readonly string[]
}

export interface Finding {
  source: 'metrics' | 'logs' | 'traces' | 'changes'
  severity: 'critical' | 'warning' | 'info'
  service: string
  message: Text
  timestamp: number | null
  evidence: readonly string[]
}

export interface Evidence {
  id: string
  source: 'metrics' | 'logs' | 'traces' | 'changes'
  /** selects the same data again: service and indicator, template, span name or change id */
  query: string
  range: TimeRange
  summary: Text
}

export interface RuledOut {
  changeId?: string
  service?: string
  reason: Text
}

/** A sentence in each report language, from the same numbers. */
export interface Text {
  en: string
  zh: string
}
