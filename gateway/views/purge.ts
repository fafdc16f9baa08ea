import type { Pool } from 'pg'

/** Forgets what is older than `before` (ms since the epoch). Topics keep about as long, so a rebuilt view is the same. */
export async function purgeViews(pool: Pool, before: number): Promise<void> {
  await pool.query('DELETE FROM gateway.session_events WHERE occurred_at < $1', [before])
  await pool.query(
    `DELETE FROM gateway.sessions s WHERE coalesce(s.requested_at, s.result_at, s.progress_at, 0) < $1
     AND NOT EXISTS (SELECT FROM gateway.session_events e WHERE e.session_id = s.session_id)`,
    [before],
  )
  await pool.query(
    `DELETE FROM gateway.approvals a WHERE a.requested_at < $1
     AND NOT EXISTS (SELECT FROM gateway.sessions s WHERE s.session_id = a.session_id)`,
    [before],
  )
}
