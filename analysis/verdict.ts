import type { TimeRange } from './observations.ts'

/** The result of the analysis, for the agents, the offline commands and the evaluation. */
export interface Verdict {
  verdict: 'incident' | 'nothing_wrong' | 'inconclusive'
  /** ms since the epoch; null: no incident began */
  onset: number | null
  /** phase of the incident at the end of the window; null if nothing began */
  phase: Phase | null
  /** ms since the epoch: the end of the window */
  asOf: number
  /** for an incident that is over: the change after which the first cause recovered; absent: unknown */
  cameBackAfter?: Text
  /** earlier incidents in the window that are over */
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
  /** data gaps, and the query that would distinguish the two top candidates */
  missing: readonly Text[]
  /** the query that would distinguish the two top candidates; its text is also the last of `missing` */
  nextQuery: NextQuery | null
  ruledOut: readonly RuledOut[]
  /** which known change did it, if one did; null: no change is known, or no cause was looked for */
  suspectedChanges: SuspectedChanges | null
}

/** Probabilities, given that something is wrong; they add up to 1 (ranking/change-shares.ts). */
export interface SuspectedChanges {
  /** alternatives, most likely first; those left out add up to at most 1 % */
  suspects: readonly ChangeSuspect[]
  /** that none of them did it */
  none: number
}

export interface ChangeSuspect {
  changeId: string
  /** empty: unknown */
  service: string
  /** 0..1 */
  probability: number
  /** what was changed, and when */
  text: Text
  evidence: readonly string[]
}

/** An incident in the window that was over before the reported one began. */
export interface EarlierIncident {
  service: string
  /** ms since the epoch; `until` null: unknown */
  since: number
  until: number | null
}

/** State of a disturbance at the end of the window. */
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
  /** the indicator with the strongest deviation; null if only a change or log lines point to the service */
  indicator: string | null
  /** the change of this service that more likely than not did it; null: there is none */
  changeId: string | null
  /** 0..1, comparable within one verdict only */
  score: number
  explanation: Text
  /** when its own signals began to move, and when they recovered, if they did; ms since the epoch */
  since: number | null
  until: number | null
  /** null: none of its indicators moved */
  phase: Phase | null
  /** severe enough for an incident of its own, and unrelated to the first candidate */
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

/** A text in each report language. */
export interface Text {
  en: string
  zh: string
}
