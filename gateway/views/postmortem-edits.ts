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

/** An edit without what was written. */
export type EditSeen = Pick<PostmortemRevised, 'event_id' | 'edit' | 'occurred_at' | 'report_revision' | 'revised_by' | 'role' | 'changed' | 'state'> // prettier-ignore

export interface Edits {
  /** in order; of two with the same number, the earlier first */
  edits: EditSeen[]
  /** the last that counts, whole; null: there is none */
  latest: PostmortemRevised | null
}

/** Only one edit is read whole: each repeats the texts before it. */
export async function findEdits(pool: Pool, tenant: string, id: string): Promise<Edits> {
  const { rows } = await pool.query<EditSeen & { body: PostmortemRevised | null }>(
    `SELECT event_id, edit, occurred_at::double precision AS occurred_at, report_revision, revised_by, role, changed, state,
       CASE WHEN row_number() OVER (ORDER BY edit DESC, occurred_at, event_id) = 1 THEN body END AS body
     FROM (SELECT * FROM gateway.postmortem_edits WHERE postmortem_id = $1 AND tenant = $2
       ORDER BY edit, occurred_at, event_id LIMIT $3) AS seen
     ORDER BY edit, seen.occurred_at, event_id`,
    [id, tenant, 2 * MOST_EDITS],
  )
  const latest = rows.find(({ body }) => body !== null)?.body ?? null
  return { edits: rows.map(({ body: _body, ...seen }) => seen), latest }
}
