/** The events that were kept, by session and incident. */
import type { Pool } from 'pg'
import type { ApprovalClosed, EvidenceRecorded } from '../../schemas/events.generated.ts'
import { storable } from '../../bus/storable.ts'
import { uuidKey } from '../../bus/uuid-key.ts'
import { type Answers, createAnswers, READ } from './answers.ts'
import type { SessionEvent } from './facts.ts'

/** What was asked about, as far as it is known. */
export interface Found {
  sessionIds: readonly string[]
  /** those asked about, and those that the sessions belong to */
  incidentIds: readonly string[]
  /** sessions asked about whose request was not read */
  unknownSessions: readonly string[]
  /** incidents asked about that no session belongs to */
  undiagnosed: readonly string[]
  /** sessions of the incidents beyond the limit */
  leftOut: number
}

/** Anyone who may ask for a diagnosis can name an incident: the sessions that named it first are read, of several incidents in turn. */
const MOST_SESSIONS = 1000

export async function find(
  pool: Pool,
  tenant: string,
  asked: { session_ids: readonly string[]; incident_ids: readonly string[] },
): Promise<Found> {
  const keys = asked.session_ids.flatMap((id) => uuidKey(id) ?? [])
  const incidents = asked.incident_ids.map(storable)
  const { rows } = await pool.query<{ incident_id: string; session_id: string; total: number }>(
    `SELECT incident_id, session_id, count(*) OVER ()::int AS total FROM postmortem.incidents
     WHERE tenant = $1 AND incident_id = ANY($2)
     ORDER BY row_number() OVER (PARTITION BY incident_id ORDER BY folded_at, session_id), incident_id LIMIT $3`,
    [tenant, incidents, MOST_SESSIONS],
  )
  const all = [...new Set([...keys, ...rows.map((row) => uuidKey(row.session_id)!)])]
  const { rows: known } = await pool.query<{ session_id: string; body: { incident_ids: string[] } }>(
    `SELECT DISTINCT ON (session_id) session_id, body FROM postmortem.events
     WHERE tenant = $1 AND session_id = ANY($2::uuid[]) AND event = 'DiagnosisRequested' ORDER BY session_id, occurred_at`,
    [tenant, all],
  )
  const sessionIds = known.map((row) => row.session_id)
  const found = new Set(sessionIds.map(uuidKey))
  return {
    sessionIds,
    incidentIds: [...new Set([...asked.incident_ids, ...known.flatMap(({ body }) => body.incident_ids)])],
    unknownSessions: asked.session_ids.filter((id) => uuidKey(id) === null || !found.has(uuidKey(id))),
    undiagnosed: asked.incident_ids.filter((id) => !rows.some((row) => row.incident_id === id)),
    leftOut: (rows[0]?.total ?? 0) - rows.length,
  }
}

/** Events of other sessions' approvals that those of the report joined. */
const MOST_ELSEWHERE = 1000

/** Events besides answers that are read, the earliest first. */
const MOST_EVENTS = 20_000

/** Answers are read a few at a time: all of them together may be hundreds of megabytes. */
const PAGE = 50

export async function load(
  pool: Pool,
  tenant: string,
  sessionIds: readonly string[],
): Promise<{ events: SessionEvent[]; answers: Answers; leftOut: boolean }> {
  const { rows: all } = await pool.query<{ event: SessionEvent['event']; body: SessionEvent['value'] }>(
    `SELECT event, body FROM postmortem.events
     WHERE tenant = $1 AND session_id = ANY($2::uuid[]) AND event <> 'EvidenceRecorded' ORDER BY occurred_at, event_id LIMIT $3`,
    [tenant, sessionIds, MOST_EVENTS + 1],
  )
  const rows = all.slice(0, MOST_EVENTS)
  const joined = rows.flatMap(({ event, body }) => event === 'ApprovalClosed' ? uuidKey((body as ApprovalClosed).joined_approval ?? '') ?? [] : []) // prettier-ignore
  const { rows: elsewhere } = await pool.query<(typeof rows)[number]>(
    `SELECT event, body FROM postmortem.events WHERE tenant = $1 AND approval_id = ANY($2::uuid[]) AND session_id <> ALL($3::uuid[])
       AND event IN ('ApprovalCounted', 'ApprovalClosed', 'ActionCompleted') ORDER BY occurred_at, event_id LIMIT $4`,
    [tenant, joined, sessionIds, MOST_ELSEWHERE],
  )
  const answers = createAnswers()
  const { rows: read } = await pool.query<{ event_id: string }>(
    `SELECT event_id FROM postmortem.events WHERE tenant = $1 AND session_id = ANY($2::uuid[]) AND event = 'EvidenceRecorded'
       AND (body->>'operation' = ANY($3) OR body->>'status' = 'failed') ORDER BY occurred_at, event_id`,
    [tenant, sessionIds, READ],
  )
  for (let from = 0; from < read.length; from += PAGE) {
    const { rows: page } = await pool.query<{ body: EvidenceRecorded }>(
      `SELECT body FROM postmortem.events WHERE tenant = $1 AND event_id = ANY($2::uuid[]) ORDER BY occurred_at, event_id`,
      [tenant, read.slice(from, from + PAGE).map(({ event_id }) => event_id)],
    )
    for (const { body } of page) answers.add(body)
  }
  const events = [...rows, ...elsewhere].map(({ event, body }) => ({ event, value: body }) as SessionEvent)
  return { events, answers, leftOut: all.length > rows.length }
}
