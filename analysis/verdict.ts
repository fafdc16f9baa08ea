import type { TimeRange } from './observations.ts'

/** What the analysis concludes: the same structure for the agents, the offline commands and the evaluation. */
export interface Verdict {
  verdict: 'incident' | 'nothing_wrong' | 'inconclusive'
  /** ms since the epoch; null when nothing began */
  onset: number | null
  /** of an incident, at the end of the window; null where nothing began */
  phase: Phase | null
  /** of one that is over: the change after which the first cause came back; absent: none is known */
  cameBackAfter?: Text
  /** what went wrong earlier in the window and is over */
  earlier: readonly EarlierIncident[]
  /** what is wrong by itself, whatever it is compared with */
  standing: readonly Text[]
  /** of `nothing_wrong`: the time that was compared with the time before */
  compared?: TimeRange
  /**
   * probability that the answer is right, 0..1, calibrated on public sets (ranking/confidence.ts): that rank 1 is the cause or, of
   * `nothing_wrong`, that nothing is wrong; 0 where nothing could be compared
   */
  confidence: number
  /** every service that was seen, best first */
  rootCauses: readonly RootCause[]
  findings: readonly Finding[]
  evidence: readonly Evidence[]
  /** what was not there to look at, or would separate the two top candidates */
  missing: readonly Text[]
  /** what would separate the two top candidates; its sentence is the last of `missing` too */
  nextQuery: NextQuery | null
  ruledOut: readonly RuledOut[]
}

/** An incident of the window that was over when the one that is told began. */
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
  /** whom to ask it of */
  services: readonly string[]
  /** of metrics, which; as it is called for the other candidate */
  indicator: string | null
  text: Text
}

export interface RootCause {
  rank: number
  service: string
  /** the indicator that tells most about it; null where only a change or log lines point there */
  indicator: string | null
  changeId: string | null
  /** 0..1, comparable within one verdict only */
  score: number
  explanation: Text
  /** when its own signals began to move, and where they came back, until when they did; ms since the epoch */
  since: number | null
  until: number | null
  /** null: nothing of it moved */
  phase: Phase | null
  /** it is disturbed enough to be an incident of its own and explains nothing of the first */
  isSeparate: boolean
  /** ids in `Verdict.evidence` or, where observations carried them, of tool calls */
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
  /** what selects the same data again: service and indicator, template, span name or change id */
  query: string
  range: TimeRange
  summary: Text
}

export interface RuledOut {
  changeId?: string
  service?: string
  reason: Text
}

/** A sentence in every language the reports are written in, made from the same numbers. */
export interface Text {
  en: string
  zh: string
}
