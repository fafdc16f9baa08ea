/** Limits on what the views keep, because anyone can publish events. Excess events go to dead letters with their reason, and are counted. */
import type { Pool } from 'pg'
import type { Received, Rejection } from '../../bus/bus.ts'
import { type Bounded, tellDropped } from '../../bus/dropped.ts'
import { storable } from '../../bus/storable.ts'
import { uuidKey } from '../../bus/uuid-key.ts'

export interface ViewBounds {
  /** events per session; events that end the session may use `spare` more */
  sessionEvents: number
  spare: number
  /** approvals of one session */
  sessionApprovals: number
  /** sessions without a request; while a view is rebuilt there may briefly be this many */
  heldSessions: number
}

export const viewBounds: ViewBounds = {
  sessionEvents: 2000,
  spare: 200,
  sessionApprovals: 100,
  heldSessions: 1_000_000,
}

interface Known {
  events: number
  approvals: number
}
type Refusal = readonly [what: Bounded, reason: string]

/** ms the count of held sessions is cached */
const COUNTED_MS = 10_000

/** Splits a batch into what is folded and what is refused. Replicas count separately, so a limit may be exceeded by one batch. */
export function createBounds(pool: Pool, bounds: ViewBounds = viewBounds) {
  let held = { count: 0, at: Number.NEGATIVE_INFINITY }

  return async (records: readonly Received[]): Promise<{ kept: Received[]; refused: Rejection[] }> => {
    const known = await knownOf(pool, records, bounds)
    if (Date.now() - held.at > COUNTED_MS) held = { count: await countHeld(pool, bounds), at: Date.now() }
    const refusals = records.map((received): Refusal | null => {
      const { event, value } = received
      if (event === 'ApprovalDecided' || event === 'AgentStatus' || value.session_id === null) return null
      const key = keyOf(value.session_id, value.tenant)
      // the database cannot store this key; storing it will fail and send it to dead letters
      if (key === null) return null
      const session = known.get(key)
      if (session === undefined && event !== 'DiagnosisRequested') {
        if (held.count >= bounds.heldSessions)
          return ['held_session', `${held.count} sessions without a request are already held`]
        held.count += 1
      }
      const counts = session ?? { events: 0, approvals: 0 }
      known.set(key, counts)
      return refusalOf(event, counts, bounds)
    })
    const refused = records.flatMap((received, place): Rejection[] => {
      const refusal = refusals[place]
      if (refusal === null || refusal === undefined) return []
      tellDropped(refusal[0])
      return [{ received, code: 'too_many', reason: refusal[1] }]
    })
    return { kept: records.filter((_, place) => refusals[place] === null), refused }
  }
}

const GOES_ON: ReadonlySet<string> = new Set(['DiagnosisProgressed', 'EvidenceRecorded'])

/** Checks one event against the limits. */
function refusalOf(event: string, counts: Known, bounds: ViewBounds): Refusal | null {
  const most = bounds.sessionEvents + (GOES_ON.has(event) ? 0 : bounds.spare)
  if (counts.events >= most) return ['session_event', `the session already has ${counts.events} events`]
  if (event === 'ApprovalRequested' && counts.approvals >= bounds.sessionApprovals)
    return ['session_approval', `the session already has ${counts.approvals} approvals`]
  counts.events += 1
  if (event === 'ApprovalRequested') counts.approvals += 1
  return null
}

/** Null: the database cannot store this id or tenant. */
function keyOf(sessionId: string, tenant: string): string | null {
  const id = uuidKey(sessionId)
  return id === null || storable(tenant) !== tenant ? null : `${id} ${tenant}`
}

async function knownOf(pool: Pool, records: readonly Received[], bounds: ViewBounds): Promise<Map<string, Known>> {
  const asked = records.flatMap(({ value: { session_id, tenant } }) =>
    session_id === null || keyOf(session_id, tenant) === null ? [] : [{ session_id, tenant }],
  )
  if (asked.length === 0) return new Map()
  const { rows } = await pool.query<Known & { session_id: string; tenant: string }>(
    `SELECT session_id, tenant,
       (SELECT count(*)::int FROM (SELECT FROM gateway.session_events e
         WHERE e.session_id = s.session_id AND e.tenant = s.tenant LIMIT $3) AS part) AS events,
       (SELECT count(*)::int FROM (SELECT FROM gateway.approvals a
         WHERE a.session_id = s.session_id AND a.tenant = s.tenant LIMIT $4) AS part) AS approvals
     FROM gateway.sessions s
     JOIN (SELECT DISTINCT * FROM unnest($1::uuid[], $2::text[]) AS told(session_id, tenant)) AS asked USING (session_id, tenant)`,
    [
      asked.map(({ session_id }) => uuidKey(session_id)),
      asked.map(({ tenant }) => tenant),
      bounds.sessionEvents + bounds.spare,
      bounds.sessionApprovals,
    ],
  )
  return new Map(rows.map(({ session_id, tenant, ...counts }) => [keyOf(session_id, tenant)!, counts]))
}

async function countHeld(pool: Pool, { heldSessions }: ViewBounds): Promise<number> {
  const { rows } = await pool.query<{ held: number }>(
    `SELECT count(*)::int AS held FROM (SELECT FROM gateway.sessions WHERE requested_at IS NULL LIMIT $1) AS part`,
    [heldSessions],
  )
  return rows[0]?.held ?? 0
}
