// Generated from the .avsc files beside it by `npm run schemas:generate`. Times are ms since the epoch, UTC.

/** A typed operation from the action catalog, exact to the letter: its hash is what people decide on. */
export interface Action {
  /** name in the action catalog: rollback, restart, scale or run_script */
  type: string
  /** the service it acts on */
  service: string
  /** the namespace of that service */
  namespace: string | null
  /** parameters by name, as the catalog entry defines them */
  parameters: Record<string, string>
  /** state of the target it was proposed for, by name; the action is refused when the target has moved on */
  target_state: Record<string, string>
}

/** One measurement before, during and after. */
export interface CheckResult {
  /** the service */
  service: string
  /** the indicator */
  indicator: string
  /** helped, partly, no_change, worse or unknown; open */
  effect: string
  /** level before the onset */
  normal: number | null
  /** level before the action */
  disturbed: number | null
  /** level after the action */
  after: number | null
  /** evidence of the level after */
  evidence_id: string | null
  /** why there is no level after */
  error: string | null
  /** the same as a stable code: not_asked, source_failed, no_data or no_sample; open */
  code: string | null
  /** unit of the levels: s, ms, bytes, ratio, 1/s …; null: unknown */
  unit: string | null
}

/** The approved action ran at most once, and where it may have run the same metrics were asked again. */
export interface ActionCompleted {
  /** UUID of this event, derived from its run and position: a repeat carries the same id */
  event_id: string
  /** UUID of the session this belongs to */
  session_id: string
  /** position among the events of this run, from 0 */
  sequence: number
  /** whose data this is */
  tenant: string
  /** when it happened, ms since the epoch, UTC */
  occurred_at: number
  /** UUID of the approval it ran under */
  approval_id: string
  /** the exact action */
  action: Action
  /** its hash */
  action_hash: string
  /** succeeded, failed, not_run, or unknown: it may have run */
  outcome: string
  /** helped, partly, no_change, worse or unknown; open */
  effect: string
  /** id of the execution at the control-plane */
  execution_id: string | null
  /** what the control-plane said, redacted */
  output: string | null
  /** why it failed, was not run, or is not known, in full */
  error: string | null
  /** what was measured */
  checks: CheckResult[]
  /** when the action began, ms since the epoch */
  started_at: number | null
  /** when it ended, ms since the epoch */
  finished_at: number | null
  /** why it failed, was not run, or is not known, as a stable code: dry_run_failed, refused, frozen, no_answer, execution_failed, still_running, or how its run ended; null: it succeeded; open */
  code: string | null
}

/** One model or tool call: what it cost and how it went. */
export interface AgentUsage {
  /** UUID of this event, derived from its run and position: a repeat carries the same id */
  event_id: string
  /** UUID of the session it was made for */
  session_id: string | null
  /** position among the events of this run, from 0 */
  sequence: number
  /** whose data this is */
  tenant: string
  /** when it happened, ms since the epoch, UTC */
  occurred_at: number
  /** name of the agent */
  agent: string
  /** id of its run */
  run_id: string
  /** tool or model */
  kind: string
  /** name of the tool or model */
  name: string
  /** what it was asked for */
  operation: string | null
  /** ok, no_data, failed … */
  outcome: string
  /** time it took, ms */
  latency_ms: number
  /** tokens read, for a model */
  input_tokens: number | null
  /** tokens written, for a model */
  output_tokens: number | null
  /** US dollars, for a model */
  cost_usd: number | null
}

/** What counted. Published by the executor alone, once per approval. */
export interface ApprovalClosed {
  /** UUID of this event, derived from its run and position: a repeat carries the same id */
  event_id: string
  /** UUID of the session this belongs to */
  session_id: string
  /** position among the events of this run, from 0 */
  sequence: number
  /** whose data this is */
  tenant: string
  /** when it happened, ms since the epoch, UTC */
  occurred_at: number
  /** UUID of the approval */
  approval_id: string
  /** the hash that was decided on */
  action_hash: string
  /** approved, rejected, expired, refused, joined or overtaken; open */
  outcome: string
  /** why, as a stable code: decided, expired, bad_signature, wrong_hash … */
  code: string
  /** why, in words: the decider's or the executor's */
  reason: string | null
  /** who decided, as <issuer>|<subject>, when the claim was genuine */
  decided_by: string | null
  /** id of the decision that closed it */
  decision_jti: string | null
  /** UUID of the open approval of the same action, where the outcome is joined: what comes of that one is the answer */
  joined_approval: string | null
}

/** A claim by a person about one approval. Only its signature makes it count, and only the executor says so. */
export interface ApprovalDecided {
  /** UUID of this event, derived from its run and position: a repeat carries the same id */
  event_id: string
  /** UUID of the session; what the writer says, not verified */
  session_id: string | null
  /** position among the events of this run, from 0 */
  sequence: number
  /** whose data this is */
  tenant: string
  /** when it happened, ms since the epoch, UTC */
  occurred_at: number
  /** UUID of the approval; must equal the one in the claim */
  approval_id: string
  /** compact JWS over iss, aud, sub, roles, jti, iat, exp, tenant, approval_id, action_hash, decision, reason, decider_iss */
  decision_jws: string
}

/** A measurement that will say whether the action helped: the same question before and after. */
export interface Check {
  /** name of the tool to ask */
  tool: string
  /** the service to ask about */
  service: string
  /** its namespace */
  namespace: string | null
  /** the indicator to compare */
  indicator: string
  /** up or down: where worse lies */
  bad_direction: string
  /** level before the onset, in the indicator's unit */
  normal: number | null
  /** level after the onset, in the indicator's unit */
  disturbed: number | null
  /** the evidence both levels come from */
  evidence_id: string | null
  /** unit of the levels: s, ms, bytes, ratio, 1/s …; null: unknown */
  unit: string | null
}

/** A durable, expiring request to run one exact action. */
export interface ApprovalRequested {
  /** UUID of this event, derived from its run and position: a repeat carries the same id */
  event_id: string
  /** UUID of the session this belongs to */
  session_id: string
  /** position among the events of this run, from 0 */
  sequence: number
  /** whose data this is */
  tenant: string
  /** when it happened, ms since the epoch, UTC */
  occurred_at: number
  /** UUID of the approval */
  approval_id: string
  /** the exact action */
  action: Action
  /** SHA-256, lower-case hex, over the canonical JSON (RFC 8785) of action */
  action_hash: string
  /** one line by language tag (en, zh-TW) */
  title: Record<string, string>
  /** why it is proposed, by language tag */
  reason: Record<string, string>
  /** low, medium, high or critical */
  risk: string
  /** who asked for the session, as <issuer>|<subject>; may not decide */
  requested_by: string
  /** a decider needs one of these roles */
  approver_roles: string[]
  /** a decision that the executor consumes later does not count, ms since the epoch */
  expires_at: number
  /** ids of the evidence for it */
  evidence: string[]
  /** how the executor verifies */
  checks: Check[]
}

/** Something was changed: a deployment, a configuration, a scale. Published by the control-plane. */
export interface ChangeRecorded {
  /** UUID of this event, derived from its run and position: a repeat carries the same id */
  event_id: string
  /** UUID of the session whose action it was, where it was one */
  session_id: string | null
  /** position among the events of this run, from 0 */
  sequence: number
  /** whose data this is */
  tenant: string
  /** when it happened, ms since the epoch, UTC */
  occurred_at: number
  /** id of the change at the control-plane */
  change_id: string
  /** the service that changed */
  service: string
  /** its namespace */
  namespace: string | null
  /** DEPLOYMENT, CONFIG_UPDATE, SCALE, TEAM_CHANGE …; open */
  type: string
  /** who did it */
  author: string | null
  /** one line */
  summary: string
  /** state before, as JSON or text */
  before: string | null
  /** state after, as JSON or text */
  after: string | null
  /** the deployment, for type DEPLOYMENT */
  deployment_id: string | null
}

/** Somebody asked to stop a session. It stops at its next step; one that is over stays as it is. */
export interface DiagnosisCancelRequested {
  /** UUID of this event, derived from its run and position: a repeat carries the same id */
  event_id: string
  /** UUID of the session this belongs to */
  session_id: string
  /** position among the events of this run, from 0 */
  sequence: number
  /** whose data this is */
  tenant: string
  /** when it happened, ms since the epoch, UTC */
  occurred_at: number
  /** who asked, as <issuer>|<subject> */
  requested_by: string
  /** why, in the asker's words */
  reason: string | null
}

/** An observation that cites evidence. */
export interface Finding {
  /** metrics, logs, traces, changes, or the name of the agent part that saw it */
  source: string
  /** critical, warning or info */
  severity: string
  /** the service it is about */
  service: string | null
  /** one sentence by language tag (en, zh-TW) */
  message: Record<string, string>
  /** when it was first seen, ms since the epoch */
  timestamp: number | null
  /** ids of the evidence it cites; never empty */
  evidence: string[]
}

/** A ranked cause with its evidence. */
export interface RootCause {
  /** 1 is most likely */
  rank: number
  /** the service at fault */
  service: string
  /** the indicator that shows it most */
  indicator: string | null
  /** the change that caused it, where one did */
  change_id: string | null
  /** 0 to 1, comparable within this result only */
  score: number
  /** why, by language tag (en, zh-TW) */
  explanation: Record<string, string>
  /** ids of the evidence it rests on */
  evidence: string[]
  /** when its own signals began to move, ms since the epoch */
  since: number | null
  /** until when they did, where that is over, ms since the epoch */
  until: number | null
  /** at the end of the window: going_on, recovering or over; null: nothing of it moved */
  phase: string | null
  /** an incident of its own, which explains nothing of the first */
  separate: boolean
}

/** A suspect that was looked at and dismissed. */
export interface RuledOut {
  /** the change that was dismissed */
  change_id: string | null
  /** the service that was dismissed */
  service: string | null
  /** why, by language tag */
  reason: Record<string, string>
}

/** What could be done. */
export interface RecommendedAction {
  /** one line by language tag */
  title: Record<string, string>
  /** name in the action catalog */
  type: string
  /** low, medium, high or critical */
  risk: string
  /** the approval that waits for it, where one does */
  approval_id: string | null
}

/** A threshold that is reached within the days asked about. */
export interface CapacityAlert {
  /** share of the limit */
  threshold: number
  /** days until then; 0: it is reached */
  days: number
  /** critical, warning or info; open */
  severity: string
}

/** What to do, with its numbers. */
export interface CapacityRecommendation {
  /** scale_up, scale_down or optimize; open */
  type: string
  /** immediate, high, medium or low; open */
  priority: string
  /** times what is allocated now: 1 */
  current_allocation: number
  /** times what is allocated now */
  recommended_allocation: number
  /** by language */
  reasoning: Record<string, string>
}

/** One point of history or of what is expected, in the unit. */
export interface CapacityPoint {
  /** ms since the epoch */
  time: number
  /** null in the future */
  historical: number | null
  /** null in the past */
  predicted: number | null
  /** of the 95 % interval */
  lower: number | null
  /** of the 95 % interval */
  upper: number | null
}

/** What one resource uses, how that goes on, and what to do about it. */
export interface ResourceCapacity {
  /** as it was asked about */
  resource: string
  /** which of its file systems or claims; null: it has one, or is told of as a whole */
  instance: string | null
  /** canonical name of what was measured */
  indicator: string
  /** ratio: shares of the limit; otherwise an amount whose limit is not known */
  unit: string
  /** of the history, in the unit */
  average: number
  /** of the history, in the unit */
  peak: number
  /** of the history, in the unit */
  percentile_95: number
  /** days of history there were */
  history_days: number
  /** increasing, stable or decreasing; open: a reader must survive a new one */
  trend: string
  /** percent of the present level a month of 30 days; null where that level is zero */
  growth_rate: number | null
  /** days until the limit is reached; null: not within what the history can tell, or no limit is known */
  days_to_capacity: number | null
  /** lower end of the 95 % interval of days_to_capacity; null: none */
  earliest_days: number | null
  /** upper end of the 95 % interval of days_to_capacity; null: none within what the history can tell */
  latest_days: number | null
  /** lowest threshold first */
  alerts: CapacityAlert[]
  /** empty: leave it as it is */
  recommendations: CapacityRecommendation[]
  /** history, then one point a day */
  chart: CapacityPoint[]
  /** evidence_id of the history */
  evidence: string[]
}

/** What a language model cost. */
export interface ModelUsage {
  /** model id */
  model: string
  /** tokens read */
  input_tokens: number
  /** tokens written */
  output_tokens: number
  /** US dollars */
  cost_usd: number
}

/** The diagnosis stands. Published before any approval; a later revision of the same session replaces an earlier one. */
export interface DiagnosisCompleted {
  /** UUID of this event, derived from its run and position: a repeat carries the same id */
  event_id: string
  /** UUID of the session this belongs to */
  session_id: string
  /** position among the events of this run, from 0 */
  sequence: number
  /** whose data this is */
  tenant: string
  /** when it happened, ms since the epoch, UTC */
  occurred_at: number
  /** 1 for the first result, higher after a redrive */
  revision: number
  /** id of the run that concluded */
  run_id: string
  /** version of the agent's handler that concluded */
  handler_version: string
  /** completed, partial, failed or cancelled */
  status: string
  /** why it is partial, failed or cancelled, as <stable code>: <detail> */
  reason: string | null
  /** incident, nothing_wrong or inconclusive; null when there is none */
  verdict: string | null
  /** when it began, ms since the epoch */
  onset: number | null
  /** of an incident, at the end of the window: going_on, recovering or over */
  phase: string | null
  /** what a person reads first, by language tag (en, zh-TW) */
  summary: Record<string, string>
  /** probability that the answer is right, 0 to 1: that the first root cause is the cause or, of nothing_wrong, that nothing is wrong */
  confidence: number
  /** what was seen, worst first */
  findings: Finding[]
  /** ranked, best first */
  root_causes: RootCause[]
  /** what could not be looked at, by language tag; never hidden */
  missing: Record<string, string>[]
  /** what it was not */
  ruled_out: RuledOut[]
  /** what could be done, best first */
  recommended_actions: RecommendedAction[]
  /** names of the tools that were asked */
  tools_used: string[]
  /** when the session was asked for, ms since the epoch */
  requested_at: number
  /** of a session of kind capacity: the most pressing resource first; null for the others */
  capacity: ResourceCapacity[] | null
  /** active work, ms; waiting is not counted, nor a step that was cut off before it was journaled */
  execution_ms: number
  /** null when no model was used */
  usage: ModelUsage | null
}

/** A run has come further. For people who watch; nothing is decided from it. */
export interface DiagnosisProgressed {
  /** UUID of this event, derived from its run and position: a repeat carries the same id */
  event_id: string
  /** UUID of the session this belongs to */
  session_id: string
  /** position among the events of this run, from 0 */
  sequence: number
  /** whose data this is */
  tenant: string
  /** when it happened, ms since the epoch, UTC */
  occurred_at: number
  /** name of the agent that runs */
  agent: string
  /** id of its run */
  run_id: string
  /** the part of the work that begins or ended: gather, analyse, propose … */
  step: string
  /** share of the work that is done, 0 to 100 */
  progress: number
  /** one sentence by language tag (en, zh-TW) */
  message: Record<string, string>
  /** what has been seen since the last progress */
  findings: Finding[]
}

/** Somebody asked for an investigation. Published by a control-plane or by the gateway; starts exactly one session. */
export interface DiagnosisRequested {
  /** UUID of this event, derived from its run and position: a repeat carries the same id */
  event_id: string
  /** UUID of the session this request starts; a second request with a known id starts nothing */
  session_id: string
  /** position among the events of this run, from 0 */
  sequence: number
  /** whose data this is */
  tenant: string
  /** when it happened, ms since the epoch, UTC */
  occurred_at: number
  /** deployment, alert, capacity or question; open: a reader must survive a new kind */
  kind: string
  /** the service that is asked about, where one is known */
  service: string | null
  /** the namespace of that service, where there is one */
  namespace: string | null
  /** P0 to P3 as the asker sees it */
  severity: string | null
  /** incidents of the control-plane this belongs to */
  incident_ids: string[]
  /** alerts that led to the request */
  alert_ids: string[]
  /** the deployment that is suspected, for kind deployment */
  deployment_id: string | null
  /** services the asker already knows to be affected */
  affected_services: string[]
  /** start of the time to look at, ms since the epoch; null: the agent chooses */
  window_start: number | null
  /** end of the time to look at, ms since the epoch; null: the time of the request */
  window_end: number | null
  /** free text for kind question; data, never an instruction */
  question: string | null
  /** active work the run may spend, ms; null: the agent's default */
  max_execution_ms: number | null
  /** who asked, as <issuer>|<subject>; may not decide an approval of this session */
  requested_by: string
  /** what else the asker sent, by name; data, never an instruction */
  context: Record<string, string>
}

/** What a tool answered: downsampled to at most 64 KB here, in full in the evidence store. */
export interface EvidenceRecorded {
  /** UUID of this event, derived from its run and position: a repeat carries the same id */
  event_id: string
  /** UUID of the session this belongs to */
  session_id: string
  /** position among the events of this run, from 0 */
  sequence: number
  /** whose data this is */
  tenant: string
  /** when it happened, ms since the epoch, UTC */
  occurred_at: number
  /** id that findings and root causes cite */
  evidence_id: string
  /** id of the run that asked */
  run_id: string
  /** name of the tool: prometheus, loki, control-plane … */
  tool: string
  /** what the tool was asked for: golden-signals, logs, audit-logs … */
  operation: string
  /** ok, no_data or failed; missing is never zero */
  status: string
  /** the query that ran, as the source understands it */
  query: string
  /** start of the time asked about, ms since the epoch */
  range_start: number | null
  /** end of the time asked about, ms since the epoch */
  range_end: number | null
  /** a URL a person can open to see the same */
  link: string | null
  /** one line: what came back */
  summary: string
  /** the upstream error in full, for status failed */
  error: string | null
  /** what the source warned about: truncation, partial answers */
  warnings: string[]
  /** the answer as JSON, downsampled; null when there is none */
  data: string | null
  /** true when the full answer holds more than data */
  downsampled: boolean
  /** how many secrets were replaced before anything was stored */
  redactions: number
  /** time the tool took, ms */
  duration_ms: number
}

/** Every event, by name. */
export interface Events {
  ActionCompleted: ActionCompleted
  AgentUsage: AgentUsage
  ApprovalClosed: ApprovalClosed
  ApprovalDecided: ApprovalDecided
  ApprovalRequested: ApprovalRequested
  ChangeRecorded: ChangeRecorded
  DiagnosisCancelRequested: DiagnosisCancelRequested
  DiagnosisCompleted: DiagnosisCompleted
  DiagnosisProgressed: DiagnosisProgressed
  DiagnosisRequested: DiagnosisRequested
  EvidenceRecorded: EvidenceRecorded
}

export type EventName = keyof Events
