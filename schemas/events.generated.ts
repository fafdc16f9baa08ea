// Generated from the .avsc files beside it by `npm run schemas:generate`. Times are ms since the epoch, UTC.

/** One agent calls a method of another by A2A 1.0. The binding is in docs/reference/a2a-over-topics.md. */
export interface A2aRequested {
  /** UUID of this event, derived from its run and position, so a repeated event has the same id */
  event_id: string
  /** session for which the call is made; null: none */
  session_id: string | null
  /** position among the events of this run, from 0 */
  sequence: number
  /** the tenant that owns this data; who may write the topic may name any */
  tenant: string
  /** when it happened, ms since the epoch, UTC */
  occurred_at: number
  /** the task that the call is about; the call id, if there is none yet */
  task_id: string
  /** UUID of the call; a call is answered once */
  call_id: string
  /** method of A2A, such as SendMessage; open */
  method: string
  /** the agent that is called */
  agent: string
  /** the agent that calls */
  caller: string
  /** when the caller stops waiting, ms since the epoch; what is not answered by then is answered with DEADLINE_EXCEEDED */
  deadline: number
  /** 1, or one more than the call on whose behalf it is made; at most 4 */
  depth: number
  /** calls that the called agent may still make on behalf of this one */
  budget: number
  /** the request of the method as JSON, at most 256 KiB */
  body: string
}

/** An answer to a call, or one part of a stream. */
export interface A2aResponded {
  /** UUID of this event, derived from its run and position, so a repeated event has the same id */
  event_id: string
  /** session for which the call is made; null: none */
  session_id: string | null
  /** position among the events of this run, from 0 */
  sequence: number
  /** the tenant that owns this data; who may write the topic may name any */
  tenant: string
  /** when it happened, ms since the epoch, UTC */
  occurred_at: number
  /** the task that the answer is about; the task_id of the call, if there is none */
  task_id: string
  /** UUID of the call */
  call_id: string
  /** method that was called */
  method: string
  /** the agent that answers */
  agent: string
  /** the agent that called */
  caller: string
  /** position among the parts of the answer, from 0; only a stream has several */
  part: number
  /** no part follows */
  last: boolean
  /** the response as JSON; null: an error, or a method without a result */
  body: string | null
  /** reason of an error, such as TASK_NOT_FOUND; null: no error; open */
  error_code: string | null
  /** what is wrong, in English; null: no error */
  error: string | null
}

/** A typed operation from the action catalog. People decide on the hash of exactly these fields. */
export interface Action {
  /** name in the action catalog: rollback, restart, scale or run_script */
  type: string
  /** the service it acts on */
  service: string
  /** the namespace of that service */
  namespace: string | null
  /** parameters by name, as the catalog entry defines them */
  parameters: Record<string, string>
  /** target state it was proposed for, by name; if the target is in another state, the action is refused */
  target_state: Record<string, string>
}

/** One indicator before the incident, during it, and after the action. */
export interface CheckResult {
  /** the service */
  service: string
  /** the indicator */
  indicator: string
  /** helped, partly, no_change, worse or unknown; open */
  effect: string
  /** level before the onset */
  normal: number | null
  /** level during the incident */
  disturbed: number | null
  /** level after the action */
  after: number | null
  /** evidence of the level after */
  evidence_id: string | null
  /** why there is no level after the action */
  error: string | null
  /** the same as a stable code: not_asked, source_failed, no_data or no_sample; open */
  code: string | null
  /** unit of the levels: s, ms, bytes, ratio, 1/s …; null: unknown */
  unit: string | null
}

/** The outcome of an approved action, which ran at most once. If it may have run, the same metrics were queried again. */
export interface ActionCompleted {
  /** UUID of this event, derived from its run and position, so a repeated event has the same id */
  event_id: string
  /** UUID of its session */
  session_id: string
  /** position among the events of this run, from 0 */
  sequence: number
  /** the tenant that owns this data */
  tenant: string
  /** when it happened, ms since the epoch, UTC */
  occurred_at: number
  /** UUID of its approval */
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
  /** output of the control-plane, redacted */
  output: string | null
  /** why it failed, was not run, or has an unknown outcome, in full */
  error: string | null
  /** the measurements */
  checks: CheckResult[]
  /** when the action began, ms since the epoch */
  started_at: number | null
  /** when it ended, ms since the epoch */
  finished_at: number | null
  /** the same as a stable code: dry_run_failed, refused, frozen, no_answer, execution_failed, still_running, or how its run ended; null: it succeeded; open */
  code: string | null
}

/** A proposed action that does not become an approval, and why. */
export interface ActionDeclined {
  /** UUID of this event, derived from its run and position, so a repeated event has the same id */
  event_id: string
  /** UUID of its session */
  session_id: string
  /** position among the events of this run, from 0 */
  sequence: number
  /** the tenant that owns this data */
  tenant: string
  /** when it happened, ms since the epoch, UTC */
  occurred_at: number
  /** UUID that its approval would have had */
  approval_id: string
  /** unknown_action, invalid_parameters, not_found, target_unknown, nothing_to_do, no_recording, live_only, or how its run ended; open */
  code: string
  /** the field of the proposal that is wrong: action, parameters or service; null: none */
  field: string | null
  /** why, per language tag (en, zh-TW) */
  reason: Record<string, string>
}

/** Who proposed an action. */
export interface Proposer {
  /** who, as <issuer>|<subject>; may not decide on it */
  id: string
  /** role of the person, or machine; reports show this, never the person */
  role: string
  /** the OAuth client that was used */
  client: string
  /** api, or mcp: by an assistant; open */
  via: string
}

/** A person or a program proposes an action for a diagnosed session. The assistant answers with ApprovalRequested or ActionDeclined. */
export interface ActionProposed {
  /** UUID of this event */
  event_id: string
  /** UUID of its session */
  session_id: string
  /** position among the events of this run, from 0 */
  sequence: number
  /** the tenant that owns this data */
  tenant: string
  /** when it happened, ms since the epoch, UTC */
  occurred_at: number
  /** UUID of the approval that it becomes */
  approval_id: string
  /** name in the action catalog */
  type: string
  /** the service to act on */
  service: string
  /** its namespace; null: not told */
  namespace: string | null
  /** parameters by name, as proposed */
  parameters: Record<string, string>
  /** why, in the proposer's words */
  reason: string
  /** who proposes it */
  proposed_by: Proposer
  /** requester of the session, as <issuer>|<subject>; may not decide either */
  requested_by: string
  /** run of the diagnosis; the action is verified against what that run measured */
  diagnosis_run: string
  /** onset of the disturbance, from the diagnosis, ms since the epoch; null: none */
  since: number | null
  /** context of the session's request */
  context: Record<string, string>
}

/** How one tool of an agent is doing. */
export interface AgentTool {
  /** prometheus, loki, control-plane … */
  tool: string
  /** ok, failed or not_configured; open */
  status: string
  /** URL without credentials */
  endpoint: string | null
  /** operations it answers */
  capabilities: string[]
  /** when it was last checked */
  checked_at: number | null
  /** how long the last check took, ms */
  response_ms: number | null
  /** when it last answered this instance, a check or a query; null: not yet */
  answered_at: number | null
  /** why the last check failed */
  error: string | null
  /** queries since the previous report */
  calls: number
  /** how many of them failed */
  failed_calls: number
}

/** One step of a workflow. */
export interface AgentStep {
  /** as in DiagnosisProgressed, where it is announced */
  id: string
  /** what it does, per language tag (en, zh-TW) */
  name: Record<string, string>
}

/** A workflow that an agent runs. */
export interface AgentWorkflow {
  /** diagnosis, capacity, action …; stable */
  id: string
  /** version of its handler */
  version: string
  /** what it is called, per language tag (en, zh-TW) */
  name: Record<string, string>
  /** the event that starts it */
  event: string
  /** kinds of request that it handles; empty: its event has no kinds */
  kinds: string[]
  /** its steps, in order */
  steps: AgentStep[]
}

/** That an agent is alive and whether its tools answer. The last one of an instance counts. */
export interface AgentStatus {
  /** UUID of this event */
  event_id: string
  /** null: it belongs to no session */
  session_id: string | null
  /** position among the reports of this instance, from 0 */
  sequence: number
  /** always default: agents serve all tenants */
  tenant: string
  /** when it happened, ms since the epoch, UTC */
  occurred_at: number
  /** name of the agent */
  agent: string
  /** this agent in this process; another after a restart */
  instance: string
  /** version of the software */
  version: string
  /** running, or stopping: the last report of this instance; open */
  state: string
  /** when this instance started, ms since the epoch, UTC */
  started_at: number
  /** ms until the next report; an instance that misses three of them is gone or cut off */
  interval_ms: number
  /** the tools this agent has */
  tools: AgentTool[]
  /** the workflows this agent runs */
  workflows: AgentWorkflow[]
}

/** One model or tool call, with its cost and outcome. */
export interface AgentUsage {
  /** UUID of this event, derived from its run and position, so a repeated event has the same id */
  event_id: string
  /** UUID of the session it was made in */
  session_id: string | null
  /** position among the events of this run, from 0 */
  sequence: number
  /** the tenant that owns this data */
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
  /** operation of the tool */
  operation: string | null
  /** ok, no_data, failed … */
  outcome: string
  /** time it took, ms */
  latency_ms: number
  /** input tokens, for a model */
  input_tokens: number | null
  /** output tokens, for a model */
  output_tokens: number | null
  /** US dollars, for a model */
  cost_usd: number | null
}

/** A series outside its expected range. */
export interface AnomalousSeries {
  /** the measured service */
  service: string
  /** what is measured: latency_p95, error_ratio, memory … */
  indicator: string
  /** its unit: ms, ratio, bytes, 1/s … */
  unit: string | null
  /** above or below its range */
  direction: string
  /** the last value, in the unit of the indicator */
  value: number
  /** the value that was expected */
  expected: number
  /** lower end of the expected range */
  lower: number
  /** upper end of the expected range */
  upper: number
  /** first measurement outside the range, ms since the epoch */
  since: number
  /** -log10 of how often a week the series goes this far by itself */
  surprise: number
  /** whether users notice a change of this size */
  felt: boolean
  /** the last values, oldest first; null: not measured */
  recent: (number | null)[]
}

/** Something that services measure is unusual, or no longer is: one phase of one anomaly. An anomaly is everything that goes off together in services that call each other. */
export interface AnomalyDetected {
  /** UUID of this event, derived from the anomaly and the position of this phase, so a repeated event has the same id */
  event_id: string
  /** null: a session begins with a request, which names the anomaly in its context */
  session_id: string | null
  /** position among the phases of this anomaly, from 0 */
  sequence: number
  /** the tenant that owns this data */
  tenant: string
  /** when it was judged, ms since the epoch, UTC */
  occurred_at: number
  /** UUID of the anomaly */
  anomaly_id: string
  /** opened, updated or closed; open: readers must accept new phases */
  phase: string
  /** the service it most likely starts from */
  service: string
  /** its namespace; null: it has none, or several */
  namespace: string | null
  /** all affected services, strongest first */
  services: string[]
  /** critical, warning or info; open */
  severity: string
  /** how surprising the strongest of its services is; 2 and more is announced */
  score: number
  /** first measurement outside the expected range, ms since the epoch */
  since: number
  /** how it ended: recovered, settled, no_data, joined or expected; open; null: it has not */
  ending: string | null
  /** anomaly_id of the anomaly that it became a part of */
  joined_to: string | null
  /** series outside their expected range, strongest first, at most ten; when closed, as last seen outside */
  series: AnomalousSeries[]
  /** ms between the values of `recent` */
  step_ms: number
}

/** A person expects an anomaly: it is kept out until then, and so is what the same indicators of the same services do. Of several about one anomaly, the latest counts. */
export interface AnomalyExpected {
  /** UUID of this event */
  event_id: string
  /** null: it belongs to no session */
  session_id: string | null
  /** position among the events of this run, from 0 */
  sequence: number
  /** the tenant that owns this data */
  tenant: string
  /** when it was said, ms since the epoch, UTC; it counts from then */
  occurred_at: number
  /** UUID of the anomaly */
  anomaly_id: string
  /** the services it affects */
  services: string[]
  /** the indicators that are outside their range */
  indicators: string[]
  /** ms since the epoch, UTC; not after occurred_at: it is not expected any more */
  until: number
  /** why, in the person's words; null: not told */
  reason: string | null
  /** who said so, as <issuer>|<subject> */
  expected_by: string
  /** the role in which they did; lists show this, never the person */
  role: string
}

/** The final state of an approval. Published only by the executor, once per approval. */
export interface ApprovalClosed {
  /** UUID of this event, derived from its run and position, so a repeated event has the same id */
  event_id: string
  /** UUID of its session */
  session_id: string
  /** position among the events of this run, from 0 */
  sequence: number
  /** the tenant that owns this data */
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
  /** the decider's comment, or the executor's reason */
  reason: string | null
  /** decider, as <issuer>|<subject>, if the signature was valid */
  decided_by: string | null
  /** id of the decision that closed it */
  decision_jti: string | null
  /** for outcome joined: UUID of the open approval of the same action, whose outcome applies here too */
  joined_approval: string | null
  /** whose approvals counted, as <issuer>|<subject>, in order: two different people where the risk demands two; empty unless the outcome is approved */
  approved_by: string[]
}

/** One approval counts, and another person's is still needed: the approval stays open. Published by the executor alone. */
export interface ApprovalCounted {
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
  /** the hash that was approved */
  action_hash: string
  /** who approved, as <issuer>|<subject> */
  approved_by: string
  /** id of the decision that counted */
  decision_jti: string
  /** the approver's words */
  reason: string
}

/** A person's signed decision on one approval. Whether it counts is up to the executor, which checks the signature. */
export interface ApprovalDecided {
  /** UUID of this event, derived from its run and position, so a repeated event has the same id */
  event_id: string
  /** UUID of the session, as the publisher states it; not verified */
  session_id: string | null
  /** position among the events of this run, from 0 */
  sequence: number
  /** the tenant that owns this data */
  tenant: string
  /** when it happened, ms since the epoch, UTC */
  occurred_at: number
  /** UUID of the approval; must be the one in the signed claim */
  approval_id: string
  /** compact JWS over iss, aud, sub, roles, jti, iat, exp, tenant, approval_id, action_hash, decision, reason, decider_iss */
  decision_jws: string
}

/** A query that shows whether the action helped: the same before and after it. */
export interface Check {
  /** name of the tool to query */
  tool: string
  /** the service to query */
  service: string
  /** its namespace */
  namespace: string | null
  /** the indicator to compare */
  indicator: string
  /** up or down: the direction that is worse */
  bad_direction: string
  /** level before the onset, in the indicator's unit */
  normal: number | null
  /** level after the onset, in the indicator's unit */
  disturbed: number | null
  /** the evidence that both levels come from */
  evidence_id: string | null
  /** unit of the levels: s, ms, bytes, ratio, 1/s …; null: unknown */
  unit: string | null
}

/** A durable, expiring request to run one exact action. */
export interface ApprovalRequested {
  /** UUID of this event, derived from its run and position, so a repeated event has the same id */
  event_id: string
  /** UUID of its session */
  session_id: string
  /** position among the events of this run, from 0 */
  sequence: number
  /** the tenant that owns this data */
  tenant: string
  /** when it happened, ms since the epoch, UTC */
  occurred_at: number
  /** UUID of the approval */
  approval_id: string
  /** the exact action */
  action: Action
  /** SHA-256, lower-case hex, over the canonical JSON (RFC 8785) of action */
  action_hash: string
  /** one line per language tag (en, zh-TW) */
  title: Record<string, string>
  /** why it is proposed, per language tag */
  reason: Record<string, string>
  /** low, medium, high or critical */
  risk: string
  /** requester of the session, as <issuer>|<subject>; may not decide */
  requested_by: string
  /** a decider needs one of these roles */
  approver_roles: string[]
  /** expiry, ms since the epoch; a decision that the executor reads later does not count */
  expires_at: number
  /** ids of the evidence for it */
  evidence: string[]
  /** how the executor verifies */
  checks: Check[]
  /** what would undo it, or why nothing can, by language tag; empty: not told */
  undo: Record<string, string>
  /** UUID of the approval whose action this one undoes, because it made things worse */
  undoes: string | null
  /** who proposed it by hand or through another assistant; may not decide; null: an agent, from its evidence */
  proposed_by: Proposer | null
}

/** A change: a deployment, a configuration, a scaling. Published by the control-plane. */
export interface ChangeRecorded {
  /** UUID of this event, derived from its run and position, so a repeated event has the same id */
  event_id: string
  /** UUID of the session, if the change was one of its actions */
  session_id: string | null
  /** position among the events of this run, from 0 */
  sequence: number
  /** the tenant that owns this data */
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
  /** author of the change */
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

/** A request to cancel a session. A running one stops at its next step; one that has ended is not changed. */
export interface DiagnosisCancelRequested {
  /** UUID of this event, derived from its run and position, so a repeated event has the same id */
  event_id: string
  /** UUID of its session */
  session_id: string
  /** position among the events of this run, from 0 */
  sequence: number
  /** the tenant that owns this data */
  tenant: string
  /** when it happened, ms since the epoch, UTC */
  occurred_at: number
  /** requester, as <issuer>|<subject> */
  requested_by: string
  /** why, in the requester's words */
  reason: string | null
}

/** An observation that cites evidence. */
export interface Finding {
  /** metrics, logs, traces, changes, or the part of the agent that found it */
  source: string
  /** critical, warning or info */
  severity: string
  /** the service it is about */
  service: string | null
  /** one sentence per language tag (en, zh-TW) */
  message: Record<string, string>
  /** when it was first observed, ms since the epoch */
  timestamp: number | null
  /** ids of the evidence it cites; never empty */
  evidence: string[]
}

/** A ranked cause with its evidence. */
export interface RootCause {
  /** 1 is most likely */
  rank: number
  /** the suspected service */
  service: string
  /** the indicator with the strongest deviation */
  indicator: string | null
  /** the change of this service that more likely than not caused it; null: there is none */
  change_id: string | null
  /** 0 to 1, comparable within this result only */
  score: number
  /** why, per language tag (en, zh-TW) */
  explanation: Record<string, string>
  /** ids of the evidence it is based on */
  evidence: string[]
  /** when its own signals began to move, ms since the epoch */
  since: number | null
  /** when they recovered, ms since the epoch; null: they have not */
  until: number | null
  /** phase at the end of the window: going_on, recovering or over; null: none of its signals moved */
  phase: string | null
  /** true: a separate incident, unrelated to the first root cause */
  separate: boolean
}

/** A suspect that was ruled out. */
export interface RuledOut {
  /** the change that was ruled out */
  change_id: string | null
  /** the service that was ruled out */
  service: string | null
  /** why, per language tag */
  reason: Record<string, string>
}

/** A change that may have caused it. */
export interface ChangeSuspect {
  /** the change */
  change_id: string
  /** the changed service; null: unknown */
  service: string | null
  /** 0 to 1: that this change caused it */
  probability: number
  /** what was changed, and when, per language tag (en, zh-TW) */
  text: Record<string, string>
  /** ids of the evidence that shows the change */
  evidence: string[]
}

/** Which known change caused it, as probabilities that add up to 1, given that something is wrong. */
export interface SuspectedChanges {
  /** alternatives, most likely first; those left out add up to at most 1 % */
  suspects: ChangeSuspect[]
  /** 0 to 1: that none of these changes caused it */
  none: number
}

/** An action that could help. */
export interface RecommendedAction {
  /** one line per language tag */
  title: Record<string, string>
  /** name in the action catalog */
  type: string
  /** low, medium, high or critical */
  risk: string
  /** the approval that was requested for it, if one was */
  approval_id: string | null
}

/** A threshold that is reached within the forecast. */
export interface CapacityAlert {
  /** as a share of the limit */
  threshold: number
  /** days until then; 0: already reached */
  days: number
  /** critical, warning or info; open */
  severity: string
}

/** One recommendation on a resource. */
export interface CapacityRecommendation {
  /** scale_up, scale_down or optimize; open */
  type: string
  /** immediate, high, medium or low; open */
  priority: string
  /** always 1: the unit of recommended_allocation */
  current_allocation: number
  /** as a multiple of the current allocation */
  recommended_allocation: number
  /** per language tag */
  reasoning: Record<string, string>
}

/** One point of the history or of the forecast, in the unit of the resource. */
export interface CapacityPoint {
  /** ms since the epoch */
  time: number
  /** null for future points */
  historical: number | null
  /** null for past points */
  predicted: number | null
  /** bound of the 95 % interval */
  lower: number | null
  /** bound of the 95 % interval */
  upper: number | null
}

/** Usage of one resource, its forecast, and recommendations. */
export interface ResourceCapacity {
  /** name as given in the request */
  resource: string
  /** which of its file systems or volume claims; null: it has one, or is assessed as a whole */
  instance: string | null
  /** canonical name of what was measured */
  indicator: string
  /** ratio: a share of the limit; anything else: an amount whose limit is unknown */
  unit: string
  /** of the history, in the unit */
  average: number
  /** of the history, in the unit */
  peak: number
  /** of the history, in the unit */
  percentile_95: number
  /** length of the history, in days */
  history_days: number
  /** increasing, stable or decreasing; open: readers must accept new values */
  trend: string
  /** percent of the current level per 30 days; null if that level is zero */
  growth_rate: number | null
  /** days until the limit is reached; null: beyond what the history allows to forecast, or the limit is unknown */
  days_to_capacity: number | null
  /** lower bound of the 95 % interval of days_to_capacity; null: none */
  earliest_days: number | null
  /** upper bound of the 95 % interval of days_to_capacity; null: beyond what the history allows to forecast */
  latest_days: number | null
  /** lowest threshold first */
  alerts: CapacityAlert[]
  /** empty: no change is needed */
  recommendations: CapacityRecommendation[]
  /** the history, then one point per day */
  chart: CapacityPoint[]
  /** id of the evidence with the history */
  evidence: string[]
}

/** The usage of a language model. */
export interface ModelUsage {
  /** model id */
  model: string
  /** input tokens */
  input_tokens: number
  /** output tokens */
  output_tokens: number
  /** US dollars */
  cost_usd: number
}

/** The result of a diagnosis. Published before any approval; a later revision replaces an earlier one of the same session. */
export interface DiagnosisCompleted {
  /** UUID of this event, derived from its run and position, so a repeated event has the same id */
  event_id: string
  /** UUID of its session */
  session_id: string
  /** position among the events of this run, from 0 */
  sequence: number
  /** the tenant that owns this data */
  tenant: string
  /** when it happened, ms since the epoch, UTC */
  occurred_at: number
  /** 1 for the first result, higher after a redrive */
  revision: number
  /** id of the run that produced the result */
  run_id: string
  /** version of the agent's handler that produced the result */
  handler_version: string
  /** completed, partial, failed or cancelled */
  status: string
  /** why it is partial, failed or cancelled, as <stable code>: <details> */
  reason: string | null
  /** incident, nothing_wrong or inconclusive; null: there is no verdict */
  verdict: string | null
  /** when it began, ms since the epoch */
  onset: number | null
  /** phase of the incident at the end of the window: going_on, recovering or over */
  phase: string | null
  /** what a person reads first, per language tag (en, zh-TW) */
  summary: Record<string, string>
  /** probability that the answer is right, 0 to 1: that the first root cause is the cause or, for nothing_wrong, that nothing is wrong */
  confidence: number
  /** findings, worst first */
  findings: Finding[]
  /** ranked, most likely first */
  root_causes: RootCause[]
  /** data gaps: data the diagnosis could not get, per language tag */
  missing: Record<string, string>[]
  /** suspects that were ruled out */
  ruled_out: RuledOut[]
  /** null: no change is known, or no cause was looked for */
  suspected_changes: SuspectedChanges | null
  /** recommended actions, best first */
  recommended_actions: RecommendedAction[]
  /** names of the tools that were queried */
  tools_used: string[]
  /** when the session was requested, ms since the epoch */
  requested_at: number
  /** for kind capacity: the most pressing resource first; null for other kinds */
  capacity: ResourceCapacity[] | null
  /** active work, ms; without waiting, and without a step that was interrupted before it was journaled */
  execution_ms: number
  /** null: no model was used */
  usage: ModelUsage | null
}

/** Progress of a run, for people who watch it. Nothing is decided from it. */
export interface DiagnosisProgressed {
  /** UUID of this event, derived from its run and position, so a repeated event has the same id */
  event_id: string
  /** UUID of its session */
  session_id: string
  /** position among the events of this run, from 0 */
  sequence: number
  /** the tenant that owns this data */
  tenant: string
  /** when it happened, ms since the epoch, UTC */
  occurred_at: number
  /** name of the agent */
  agent: string
  /** id of its run */
  run_id: string
  /** the step that begins: orient, gather, analyse, verify … */
  step: string
  /** percentage of the work done, 0 to 100 */
  progress: number
  /** one sentence per language tag (en, zh-TW) */
  message: Record<string, string>
  /** findings since the last progress event */
  findings: Finding[]
}

/** A request for a diagnosis. Published by a control-plane or by the gateway; starts exactly one session. */
export interface DiagnosisRequested {
  /** UUID of this event, derived from its run and position, so a repeated event has the same id */
  event_id: string
  /** UUID of the session this request starts; a second request with a known id starts nothing */
  session_id: string
  /** position among the events of this run, from 0 */
  sequence: number
  /** the tenant that owns this data */
  tenant: string
  /** when it happened, ms since the epoch, UTC */
  occurred_at: number
  /** deployment, alert, capacity or question; open: readers must accept new kinds */
  kind: string
  /** the service to diagnose, if known */
  service: string | null
  /** the namespace of that service, if it has one */
  namespace: string | null
  /** P0 to P3, as the requester rates it */
  severity: string | null
  /** incidents at the control-plane that this belongs to */
  incident_ids: string[]
  /** alerts that led to the request */
  alert_ids: string[]
  /** the suspected deployment, for kind deployment */
  deployment_id: string | null
  /** services that the requester knows to be affected */
  affected_services: string[]
  /** start of the window, ms since the epoch; null: the agent chooses */
  window_start: number | null
  /** end of the window, ms since the epoch; null: the time of the request */
  window_end: number | null
  /** free text for kind question; data, never an instruction */
  question: string | null
  /** limit on the run's active work, ms; null: the agent's default */
  max_execution_ms: number | null
  /** requester, as <issuer>|<subject>; may not decide on an approval of this session */
  requested_by: string
  /** further data of the requester, by name; data, never an instruction */
  context: Record<string, string>
}

/** The answer of a tool: here downsampled to at most 64 KB, in the evidence store in full. */
export interface EvidenceRecorded {
  /** UUID of this event, derived from its run and position, so a repeated event has the same id */
  event_id: string
  /** UUID of its session */
  session_id: string
  /** position among the events of this run, from 0 */
  sequence: number
  /** the tenant that owns this data */
  tenant: string
  /** when it happened, ms since the epoch, UTC */
  occurred_at: number
  /** id that findings and root causes cite */
  evidence_id: string
  /** id of the run that made the query */
  run_id: string
  /** name of the tool: prometheus, loki, control-plane … */
  tool: string
  /** operation of the tool: golden-signals, logs, audit-logs … */
  operation: string
  /** ok, no_data or failed; missing data is never zero */
  status: string
  /** the query that ran, in the source's language */
  query: string
  /** start of the queried time range, ms since the epoch */
  range_start: number | null
  /** end of the queried time range, ms since the epoch */
  range_end: number | null
  /** URL where a person can see the same data */
  link: string | null
  /** one line about the answer */
  summary: string
  /** the source's error in full, for status failed */
  error: string | null
  /** warnings of the source: truncation, partial answers */
  warnings: string[]
  /** the answer as JSON, downsampled; null: no answer */
  data: string | null
  /** true if the full answer holds more than `data` */
  downsampled: boolean
  /** number of secrets replaced before anything was stored */
  redactions: number
  /** time the tool took, ms */
  duration_ms: number
}

/** A person judged a diagnosis. */
export interface FeedbackRecorded {
  /** UUID of this event */
  event_id: string
  /** UUID of the session that was judged */
  session_id: string
  /** position among the events of this run, from 0 */
  sequence: number
  /** the tenant that owns this data */
  tenant: string
  /** when it happened, ms since the epoch, UTC */
  occurred_at: number
  /** revision of the DiagnosisCompleted that was judged */
  revision: number
  /** right, partly or wrong; open */
  verdict: string
  /** what the cause was, in the person's words; null: not told */
  root_cause: string | null
  /** a remark, in the person's words; null: none */
  note: string | null
  /** who judged it, as <issuer>|<subject>; of the same person, the latest counts */
  recorded_by: string
  /** the role in which they judged; reports show this, never the person */
  role: string
}

/** A value on the way to the limit. */
export interface ForecastPoint {
  /** ms since the epoch */
  time: number
  /** what is expected, in the unit of the indicator */
  value: number
  /** lower end of the interval */
  lower: number
  /** upper end of the interval */
  upper: number
}

/** When something that can be full or spent will be, or that this is no longer so: one phase of one forecast. */
export interface ForecastProduced {
  /** UUID of this event, derived from the forecast and the position of this phase, so a repeated event has the same id */
  event_id: string
  /** null: a session begins with a request, which names the forecast in its context */
  session_id: string | null
  /** position among the phases of this forecast, from 0 */
  sequence: number
  /** the tenant that owns this data */
  tenant: string
  /** when it was judged, ms since the epoch, UTC */
  occurred_at: number
  /** UUID of the forecast */
  forecast_id: string
  /** produced, revised or closed; open: readers must accept new phases */
  phase: string
  /** the measured service */
  service: string
  /** its namespace; null: it has none, or several */
  namespace: string | null
  /** disk, memory, connections, file_handles, queue, quota, certificate or error_budget; open */
  resource: string
  /** what is measured: disk, memory_ratio, connections … */
  indicator: string
  /** its unit: ratio, % or days */
  unit: string | null
  /** pod, host or volume that is full first; null: the service has none */
  instance: string | null
  /** critical: full within an hour; warning: within a day; info: later; open */
  severity: string
  /** the last value, in the unit of the indicator */
  value: number
  /** the value at which nothing is left, in the unit of the indicator */
  limit: number
  /** since when it has been going there like this, as far as that is known, ms since the epoch */
  since: number
  /** when it reaches the limit, ms since the epoch; when closed, as last announced */
  full_at: number
  /** start of the interval that holds the moment with the probability `level` */
  earliest: number
  /** end of that interval; null: it may never be full */
  latest: number | null
  /** probability for which the intervals are computed, between 0 and 1 */
  level: number
  /** the way to the limit with its interval, evenly spaced, at most 100 points */
  path: ForecastPoint[]
  /** the last values, oldest first; null: not measured */
  recent: (number | null)[]
  /** ms between the values of `recent` */
  step_ms: number
  /** how it ended: full, freed, slowed or no_data; open; null: it has not */
  ending: string | null
}

/** A postmortem, as far as the facts known at the time go. A later revision replaces an earlier one. */
export interface PostmortemCompleted {
  /** UUID of this event, derived from its run and position, so a repeated event has the same id */
  event_id: string
  /** null: a postmortem may cover several sessions */
  session_id: string | null
  /** position among the events of this run, from 0 */
  sequence: number
  /** the tenant that owns this data */
  tenant: string
  /** when it happened, ms since the epoch, UTC */
  occurred_at: number
  /** UUID of the postmortem */
  postmortem_id: string
  /** 1 for the first report, higher after a redrive */
  revision: number
  /** id of the run that wrote it */
  run_id: string
  /** version of the agent's handler that wrote it */
  handler_version: string
  /** completed, partial (a source or events are missing) or failed; open */
  status: string
  /** why it is partial or failed, as <stable code>: <details> */
  reason: string | null
  /** incidents it covers */
  incident_ids: string[]
  /** UUIDs of the sessions it covers */
  session_ids: string[]
  /** one line per language tag (en, zh-TW) */
  title: Record<string, string>
  /** what a person reads first, per language tag */
  summary: Record<string, string>
  /** language tag the requester prefers; null: not told */
  language: string | null
  /** when it was requested, ms since the epoch */
  requested_at: number
  /** the report as JSON (docs/reference/postmortem.schema.json); null: there is none */
  report: string | null
  /** active work, ms */
  execution_ms: number
}

/** A request for a postmortem of incidents or sessions. A second request with a known postmortem_id starts nothing. */
export interface PostmortemRequested {
  /** UUID of this event, derived from its run and position, so a repeated event has the same id */
  event_id: string
  /** null: a postmortem may cover several sessions */
  session_id: string | null
  /** position among the events of this run, from 0 */
  sequence: number
  /** the tenant that owns this data */
  tenant: string
  /** when it happened, ms since the epoch, UTC */
  occurred_at: number
  /** UUID of the postmortem */
  postmortem_id: string
  /** incidents at the control-plane to report on */
  incident_ids: string[]
  /** UUIDs of sessions to report on */
  session_ids: string[]
  /** language tag the readers prefer (en, zh-TW); the report is in both; null: not told */
  language: string | null
  /** requester, as <issuer>|<subject> */
  requested_by: string
  /** what else the requester said, such as a2a_context_id */
  context: Record<string, string>
}

/** An action item that people changed or added. */
export interface RevisedActionItem {
  /** id of the item in the report, or P-1, P-2 … for an item of people */
  id: string
  /** prevent, mitigate, detect, respond or learn; open */
  type: string
  /** what to do, per language tag (en, zh-TW) */
  text: Record<string, string>
  /** JSON pointer to the part of the report that is the reason; empty: the whole report */
  reason: string
  /** high, medium or low; open */
  priority: string
  /** who does it; null: to be named */
  owner: string | null
  /** open, done or dropped; open */
  state: string
}

/** People completed or changed a postmortem. The event holds everything they wrote so far, so the latest edit is the whole; the numbers of the report stay as they were computed. */
export interface PostmortemRevised {
  /** UUID of this event */
  event_id: string
  /** null: a postmortem may cover several sessions */
  session_id: string | null
  /** position among the events of this run, from 0 */
  sequence: number
  /** the tenant that owns this data */
  tenant: string
  /** when it happened, ms since the epoch, UTC */
  occurred_at: number
  /** UUID of the postmortem */
  postmortem_id: string
  /** 1 for the first change by people, then one more each; of two with the same number, the earlier counts */
  edit: number
  /** revision of the PostmortemCompleted that was changed */
  report_revision: number
  /** who changed it, as <issuer>|<subject> */
  revised_by: string
  /** the role in which they changed it; reports show this, never the person */
  role: string
  /** what this edit changed: state, summary, action_items, notes or impact_notes; open */
  changed: string[]
  /** draft, reviewed or published; open */
  state: string
  /** people's summary per language tag; a language without one shows the computed summary */
  summary: Record<string, string>
  /** notes on the whole; null: there are none */
  notes: string | null
  /** notes on the impact; null: there are none */
  impact_notes: string | null
  /** the items that people changed or added; the others are as in the report */
  action_items: RevisedActionItem[]
}

/** Every event, by name. */
export interface Events {
  A2aRequested: A2aRequested
  A2aResponded: A2aResponded
  ActionCompleted: ActionCompleted
  ActionDeclined: ActionDeclined
  ActionProposed: ActionProposed
  AgentStatus: AgentStatus
  AgentUsage: AgentUsage
  AnomalyDetected: AnomalyDetected
  AnomalyExpected: AnomalyExpected
  ApprovalClosed: ApprovalClosed
  ApprovalCounted: ApprovalCounted
  ApprovalDecided: ApprovalDecided
  ApprovalRequested: ApprovalRequested
  ChangeRecorded: ChangeRecorded
  DiagnosisCancelRequested: DiagnosisCancelRequested
  DiagnosisCompleted: DiagnosisCompleted
  DiagnosisProgressed: DiagnosisProgressed
  DiagnosisRequested: DiagnosisRequested
  EvidenceRecorded: EvidenceRecorded
  FeedbackRecorded: FeedbackRecorded
  ForecastProduced: ForecastProduced
  PostmortemCompleted: PostmortemCompleted
  PostmortemRequested: PostmortemRequested
  PostmortemRevised: PostmortemRevised
}

export type EventName = keyof Events
