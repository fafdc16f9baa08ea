/** What people changed in postmortems. */
import type { Pool } from 'pg'
import type { PostmortemRevised } from '../../schemas/events.generated.ts'

/** Edits of one postmortem that are kept; the gateway refuses to make more. */
export const MOST_EDITS = 500

/** Safe to repeat, in any order. */
export async function foldEdits(pool: Pool, edits: readonly PostmortemRevised[]): Promise<void> {
  if (edits.length === 0) return
  const rows = edits.filter(({ edit }) => edit >= 1 && edit <= MOST_EDITS).map((body) => ({ ...body, body }))
  await pool.query(
    `INSERT INTO gateway.postmortem_edits (event_id, tenant, postmortem_id, edit, occurred_at, body)
     SELECT event_id, tenant, postmortem_id, edit, occurred_at, body FROM json_to_recordset($1)
       AS n (event_id uuid, tenant text, postmortem_id uuid, edit integer, occurred_at bigint, body json)
     ON CONFLICT DO NOTHING`,
    [JSON.stringify(rows)],
  )
}

/** In order; of two with the same number, the earlier first. */
export async function findEdits(pool: Pool, tenant: string, id: string): Promise<PostmortemRevised[]> {
  const { rows } = await pool.query<{ body: PostmortemRevised }>(
    `SELECT body FROM gateway.postmortem_edits WHERE postmortem_id = $1 AND tenant = $2 ORDER BY edit, occurred_at, event_id LIMIT $3`,
    [id, tenant, 2 * MOST_EDITS],
  )
  return rows.map(({ body }) => body)
}
