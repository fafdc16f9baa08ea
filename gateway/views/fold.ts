/** Converts records to rows. The views themselves, independent of event order, are made by `gateway.fold_with_decisions` in the migrations. */
import type { Pool } from 'pg'
import { joined } from '../../bus/postgres/joined.ts'
import type { EventName, Events } from '../../schemas/events.generated.ts'
import { foldReports } from './agents.ts'
import { foldAnomalies } from './anomalies.ts'
import { OUTLOOK } from './changed.ts'
import { foldFeedback } from './feedback.ts'
import { inStore } from './evidence.ts'
import { foldExpectations } from './expectations.ts'
import { foldForecasts } from './forecasts.ts'
import { keepNames } from './people.ts'
import { foldEdits } from './postmortem-edits.ts'
import { foldIncidents, foldPostmortems } from './postmortems.ts'
import { uuidKey } from '../../bus/uuid-key.ts'

export type ViewEvent = { [E in EventName]: { event: E; value: Events[E] } }[EventName]

/** Events the views are built from; `ApprovalDecided` only if this gateway signed it. */
export const foldedEvents = [
  'DiagnosisRequested',
  'DiagnosisProgressed',
  'EvidenceRecorded',
  'DiagnosisCompleted',
  'ActionDeclined',
  'ApprovalRequested',
  'ApprovalDecided',
  'ApprovalCounted',
  'ApprovalClosed',
  'ActionCompleted',
  'AgentStatus',
  'PostmortemRequested',
  'PostmortemCompleted',
  'PostmortemRevised',
  'FeedbackRecorded',
  'AnomalyDetected',
  'AnomalyExpected',
  'ForecastProduced',
] as const satisfies readonly EventName[]

/** A decision this gateway signed, or one that the executor counted. */
export interface KnownDecision {
  approval_id: string
  /** tenant of the decider */
  tenant: string
  decision: string
  decided_by: string
  /** of the decider, as signed; absent: unknown */
  name?: string
  reason: string
  decided_at: number
  jti: string
  /** false: counted by the executor, and signed elsewhere as far as known here */
  signed_here: boolean
}

export interface FoldOptions {
  pool: Pool
  /** returns a decision if its signature is valid; anyone could have written the others */
  readDecision(event: Events['ApprovalDecided']): Promise<KnownDecision | null>
}

/** Notification channel; a message lists the sessions or postmortems of a committed batch, separated by commas, or `OUTLOOK`. */
export const sessionsChannel = 'gateway_sessions'

/** Applies a batch atomically; safe to repeat and to run concurrently. */
export async function fold(events: readonly ViewEvent[], { pool, readDecision }: FoldOptions): Promise<void> {
  const decided = await Promise.all(
    events.map((received) => (received.event === 'ApprovalDecided' ? readDecision(received.value) : null)),
  )
  const of = <E extends EventName>(name: E): Events[E][] =>
    events.filter((received) => received.event === name).map((received) => received.value as Events[E])
  const watched = events.filter(isWatched)
  const sessions = new Map(watched.map(({ value: { session_id, tenant } }) => [keyOf(session_id, tenant), { session_id, tenant }])) // prettier-ignore
  const known = await inStore(pool, of('EvidenceRecorded'))
  const evidence = joined(
    watched.map(({ event, value }) =>
      event === 'EvidenceRecorded' && !known.has(value.evidence_id) ? value.data : null,
    ),
  )
  const batch = [
    [...sessions.values()],
    of('DiagnosisRequested'),
    of('DiagnosisProgressed').map(({ findings: _findings, ...row }) => row),
    of('DiagnosisCompleted').map(resultRow),
    approvalRows(events),
    decisionRows([...decided.filter((decision) => decision !== null), ...of('ApprovalCounted').map(countedRow)]),
    watched.map((one, place) => ({
      ...eventRow(one, known),
      start: evidence.starts[place],
      length: evidence.lengths[place],
    })),
  ]
  const rows = batch.map((part) => (part.length === 0 ? null : JSON.stringify(part)))
  await keepNames(
    pool,
    decided.filter((decision) => decision !== null),
  )
  if (rows.some((part) => part !== null))
    await pool.query('SELECT gateway.fold_with_decisions($1, $2, $3, $4, $5, $6, $7, $8)', [...rows, evidence.bytes])
  await foldReports(pool, of('AgentStatus'))
  await foldIncidents(pool, of('DiagnosisRequested'))
  await foldPostmortems(pool, of('PostmortemRequested'), of('PostmortemCompleted'))
  await foldEdits(pool, of('PostmortemRevised'))
  await foldFeedback(pool, of('FeedbackRecorded'))
  await foldAnomalies(pool, of('AnomalyDetected'))
  await foldExpectations(pool, of('AnomalyExpected'))
  await foldForecasts(pool, of('ForecastProduced'))
  await tellWritten(pool, of('PostmortemCompleted'))
  if (of('AnomalyDetected').length + of('ForecastProduced').length > 0) await pool.query('SELECT pg_notify($1, $2)', [sessionsChannel, OUTLOOK]) // prettier-ignore
  await tellJoined(pool, [...of('ApprovalClosed'), ...of('ActionCompleted')])
}

/** Watchers of a postmortem wait on the channel of the sessions. */
async function tellWritten(pool: Pool, results: readonly { postmortem_id: string }[]): Promise<void> {
  if (results.length === 0) return
  await pool.query('SELECT pg_notify($1, id::text) FROM unnest($2::uuid[]) AS written(id)', [
    sessionsChannel,
    results.map(({ postmortem_id }) => postmortem_id),
  ])
}

/** Sessions whose approval joined one of these are notified too. */
async function tellJoined(pool: Pool, news: readonly { approval_id: string; tenant: string }[]): Promise<void> {
  if (news.length === 0) return
  await pool.query(
    `SELECT pg_notify($1, session_id::text) FROM gateway.approvals
     JOIN unnest($2::uuid[], $3::text[]) AS news(joined, tenant) USING (joined, tenant) WHERE session_id IS NOT NULL`,
    [sessionsChannel, news.map((one) => one.approval_id), news.map((one) => one.tenant)],
  )
}

/** Not events of a session's stream: decisions are shown once the executor counts them, feedback comes when it is over; the others belong to no session, or to several. */
const unwatched = [
  'ApprovalDecided',
  'AgentStatus',
  'PostmortemRequested',
  'PostmortemCompleted',
  'PostmortemRevised',
  'FeedbackRecorded',
  'AnomalyDetected',
  'AnomalyExpected',
  'ForecastProduced',
] as const
type Watched = Exclude<(typeof foldedEvents)[number], (typeof unwatched)[number]>
type WatchedEvent = { [E in Watched]: { event: E; value: Events[E] } }[Watched]

const watchedNames: ReadonlySet<string> = new Set(
  foldedEvents.filter((name) => !(unwatched as readonly string[]).includes(name)),
)
const isWatched = (received: ViewEvent): received is WatchedEvent => watchedNames.has(received.event)

const resultRow = (value: Events['DiagnosisCompleted']) => ({
  session_id: value.session_id,
  tenant: value.tenant,
  revision: value.revision,
  result: value,
  result_status: value.status,
  result_at: value.occurred_at,
  result_event: value.event_id,
  approval_ids: value.recommended_actions.map((action) => action.approval_id).filter((id) => id !== null),
})

interface ApprovalRow {
  approval_id: string
  tenant: string
  session_id?: string
  requested?: Events['ApprovalRequested']
  requested_at?: number
  closed?: Events['ApprovalClosed']
  outcome?: string
  acted?: Events['ActionCompleted']
}

/** Deduplicates ids that differ only in spelling: PostgreSQL cannot update a row twice in one statement. */
const keyOf = (id: string, tenant: string): string => `${uuidKey(id) ?? id} ${tenant}`

type ApprovalKey = Pick<ApprovalRow, 'approval_id' | 'tenant'>

const countedRow = (value: Events['ApprovalCounted']): KnownDecision => ({
  approval_id: value.approval_id,
  tenant: value.tenant,
  decision: 'approved',
  decided_by: value.approved_by,
  reason: value.reason,
  decided_at: value.occurred_at,
  jti: value.decision_jti,
  signed_here: false,
})

/** One row per decision, however often a batch names it; the one signed here wins, because it has more details. */
function decisionRows(decisions: readonly KnownDecision[]): KnownDecision[] {
  const rows = new Map<string, KnownDecision>()
  for (const decision of decisions) {
    const key = `${keyOf(decision.approval_id, decision.tenant)} ${decision.jti}`
    if (decision.signed_here || !rows.has(key)) rows.set(key, decision)
  }
  return [...rows.values()]
}

function approvalRows(events: readonly ViewEvent[]): ApprovalRow[] {
  const rows = new Map<string, ApprovalRow>()
  const keep = ({ approval_id, tenant }: ApprovalKey, row: Omit<ApprovalRow, keyof ApprovalKey>) => {
    const key = keyOf(approval_id, tenant)
    rows.set(key, { approval_id, tenant, ...row, ...rows.get(key) })
  }
  for (const { event, value } of events) {
    if (event === 'ApprovalRequested') {
      const { session_id, occurred_at: requested_at } = value
      keep(value, { session_id, requested: value, requested_at })
    } else if (event === 'ApprovalClosed') {
      keep(value, { session_id: value.session_id, closed: value, outcome: value.outcome })
    } else if (event === 'ActionCompleted') {
      keep(value, { session_id: value.session_id, acted: value })
    }
  }
  return [...rows.values()]
}

/** Leaves out evidence data that is in the store. If the store deletes it first, the view only shows what the event has. */
function eventRow({ event, value }: WatchedEvent, known: ReadonlySet<string>) {
  const { event_id, session_id, tenant, occurred_at } = value
  const row = { event_id, session_id, tenant, occurred_at, event }
  if (event !== 'EvidenceRecorded') return { ...row, body: value }
  const { data: _data, ...body } = value
  const downsampled = body.downsampled || known.has(value.evidence_id)
  return { ...row, body: { ...body, downsampled }, evidence_id: value.evidence_id }
}
