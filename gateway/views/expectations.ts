/** What people expect of anomalies. */
import type { Pool } from 'pg'
import type { AnomalyExpected } from '../../schemas/events.generated.ts'

/** Anyone can write to a topic without ACLs: longer texts are cut. The gateway's are shorter. */
const LONGEST_REASON = 2000
const LONGEST_ROLE = 255

/** Safe to repeat, in any order: of several about one anomaly, the latest counts. */
export async function foldExpectations(pool: Pool, told: readonly AnomalyExpected[]): Promise<void> {
  if (told.length === 0) return
  const rows = told.map((body) => ({
    ...body,
    body: { ...body, reason: body.reason?.slice(0, LONGEST_REASON) ?? null, role: body.role.slice(0, LONGEST_ROLE) },
  }))
  await pool.query(
    `INSERT INTO gateway.expectations AS e (anomaly_id, tenant, event_id, occurred_at, body)
     SELECT DISTINCT ON (anomaly_id, tenant) anomaly_id, tenant, event_id, occurred_at, body FROM json_to_recordset($1)
       AS n (anomaly_id uuid, tenant text, event_id uuid, occurred_at bigint, body json)
     ORDER BY anomaly_id, tenant, occurred_at DESC, event_id DESC
     ON CONFLICT (anomaly_id, tenant) DO UPDATE
       SET event_id = excluded.event_id, occurred_at = excluded.occurred_at, body = excluded.body, folded_at = excluded.folded_at
       WHERE (excluded.occurred_at, excluded.event_id) > (e.occurred_at, e.event_id)`,
    [JSON.stringify(rows)],
  )
}
