/** What people say of diagnoses. */
import type { Pool } from 'pg'
import type { FeedbackRecorded } from '../../schemas/events.generated.ts'

/** People whose feedback on one session is shown, the latest first. */
const MOST_SHOWN = 100

/** Safe to repeat, in any order: of the same person, the latest counts. */
export async function foldFeedback(pool: Pool, told: readonly FeedbackRecorded[]): Promise<void> {
  if (told.length === 0) return
  await pool.query(
    `INSERT INTO gateway.feedback AS f (session_id, tenant, recorded_by, event_id, occurred_at, body)
     SELECT DISTINCT ON (session_id, tenant, recorded_by) session_id, tenant, recorded_by, event_id, occurred_at, body FROM json_to_recordset($1)
       AS n (session_id uuid, tenant text, recorded_by text, event_id uuid, occurred_at bigint, body json)
     ORDER BY session_id, tenant, recorded_by, occurred_at DESC, event_id DESC
     ON CONFLICT (session_id, tenant, recorded_by) DO UPDATE
       SET event_id = excluded.event_id, occurred_at = excluded.occurred_at, body = excluded.body
       WHERE (excluded.occurred_at, excluded.event_id) > (f.occurred_at, f.event_id)`,
    [JSON.stringify(told.map((body) => ({ ...body, body })))],
  )
}

/** The latest of each person, the newest first. */
export async function findFeedback(pool: Pool, tenant: string, session: string): Promise<FeedbackRecorded[]> {
  const { rows } = await pool.query<{ body: FeedbackRecorded }>(
    `SELECT body FROM gateway.feedback WHERE session_id = $1 AND tenant = $2 ORDER BY occurred_at DESC, event_id DESC LIMIT $3`,
    [session, tenant, MOST_SHOWN],
  )
  return rows.map(({ body }) => body)
}
