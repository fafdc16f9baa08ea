/** Earlier incidents that look like one: found by what the diagnoses say, in the views alone. */
import type { Pool } from 'pg'

/** What makes incidents alike. */
export interface Likeness {
  service: string
  indicator: string | null
  /** whether a change more likely than not caused it */
  changed: boolean
}

export interface SimilarRow extends Likeness {
  session_id: string
  incident_ids: string[]
  /** ms since the epoch; bigint columns come as strings */
  requested_at: string
  summary: Record<string, string>
  /** what was done, and whether it helped */
  actions: { type: string; service: string; outcome: string; effect: string | null }[]
  /** what people say of the diagnosis, the latest of each */
  verdicts: string[]
}

/** Of a tenant's diagnoses, the latest are compared. */
export const MOST_COMPARED = 500
const MOST_SHOWN = 20

/** An action that another session's approval stands for, which this one joined, is its action too. */
const ACTIONS = `SELECT json_agg(json_build_object('type', p.acted->'action'->>'type', 'service', p.acted->'action'->>'service',
    'outcome', p.acted->>'outcome', 'effect', p.acted->>'effect') ORDER BY p.requested_at)
  FROM gateway.approvals a JOIN gateway.approvals p ON p.approval_id IN (a.approval_id, a.joined) AND p.tenant = a.tenant
  WHERE a.session_id = s.session_id AND a.tenant = s.tenant AND p.acted IS NOT NULL`

const VERDICTS = `SELECT json_agg(f.body->>'verdict' ORDER BY f.occurred_at DESC, f.event_id DESC) FROM gateway.feedback f
  WHERE f.session_id = s.session_id AND f.tenant = s.tenant`

const INCIDENTS = `SELECT json_agg(i.incident_id ORDER BY i.incident_id) FROM gateway.incidents i
  WHERE i.session_id = s.session_id AND i.tenant = s.tenant`

/** Incidents whose first cause is this service or shows in this indicator; the most alike first, of those the newest. Other sessions of the same incident are left out. */
export async function findSimilar(
  pool: Pool,
  tenant: string,
  sessionId: string,
  { service, indicator, changed }: Likeness,
): Promise<SimilarRow[]> {
  const { rows } = await pool.query<SimilarRow>(
    `WITH latest AS (
       SELECT s.session_id, s.tenant, s.requested_at, s.result->'summary' AS summary, s.result->'root_causes'->0 AS cause
       FROM gateway.sessions s JOIN gateway.sessions now ON now.session_id = $2 AND now.tenant = s.tenant
       WHERE s.tenant = $1 AND s.session_id <> now.session_id AND s.requested_at <= now.requested_at AND s.result->>'verdict' = 'incident'
         AND NOT EXISTS (SELECT FROM gateway.incidents i JOIN gateway.incidents j USING (incident_id, tenant)
           WHERE i.session_id = s.session_id AND j.session_id = now.session_id AND i.tenant = s.tenant)
       ORDER BY s.requested_at DESC, s.session_id DESC LIMIT $6),
     told AS (
       SELECT session_id, tenant, requested_at, summary, cause->>'service' AS service, cause->>'indicator' AS indicator,
         cause->>'change_id' IS NOT NULL AS changed FROM latest WHERE cause IS NOT NULL)
     SELECT session_id, requested_at, summary, service, indicator, changed, coalesce((${ACTIONS}), '[]') AS actions,
       coalesce((${VERDICTS}), '[]') AS verdicts, coalesce((${INCIDENTS}), '[]') AS incident_ids
     FROM told s WHERE service = $3 OR indicator = $4::text
     ORDER BY (service = $3)::int * 2 + coalesce(indicator = $4, false)::int + (changed = $5)::int DESC, requested_at DESC, session_id DESC LIMIT $7`,
    [tenant, sessionId, service, indicator, changed, MOST_COMPARED, MOST_SHOWN],
  )
  return rows
}
