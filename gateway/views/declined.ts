import type { Pool } from 'pg'
import type { Events } from '../../schemas/events.generated.ts'

/** Why a proposed action did not become an approval; null: it did, or there is no answer yet. */
export async function findDeclined(
  pool: Pool,
  { session_id, tenant, approval_id }: { session_id: string; tenant: string; approval_id: string },
): Promise<Events['ActionDeclined'] | null> {
  const { rows } = await pool.query<{ body: Events['ActionDeclined'] }>(
    `SELECT body FROM gateway.session_events WHERE session_id = $1 AND tenant = $2 AND event = 'ActionDeclined'
       AND body->>'approval_id' = $3 ORDER BY position LIMIT 1`,
    [session_id, tenant, approval_id],
  )
  return rows[0]?.body ?? null
}
