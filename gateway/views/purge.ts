import type { Pool } from 'pg'

/** ms after which a session without a request is deleted; its request, on another topic, normally arrives within seconds. */
const HELD_MS = 86_400_000

/** ms for which an instance is shown after its last report: as long as the topic keeps that report. */
const REPORTED_MS = 86_400_000

/**
 * Deletes what is older than `before` (ms since the epoch), by its own time or its arrival, whichever is earlier. Topics have about the same
 * retention, so a rebuilt view is the same. Sessions still without a request are deleted after a day.
 */
export async function purgeViews(pool: Pool, before: number, now = Date.now()): Promise<void> {
  await pool.query(
    `WITH unasked AS (DELETE FROM gateway.sessions WHERE requested_at IS NULL AND folded_at < $1 RETURNING session_id, tenant)
     DELETE FROM gateway.session_events e USING unasked WHERE e.session_id = unasked.session_id AND e.tenant = unasked.tenant`,
    [now - HELD_MS],
  )
  await pool.query('DELETE FROM gateway.session_events WHERE least(occurred_at, folded_at) < $1', [before])
  await pool.query(
    `DELETE FROM gateway.sessions s WHERE least(coalesce(s.requested_at, s.result_at, s.progress_at, 0), s.folded_at) < $1
     AND (s.requested_at IS NOT NULL OR s.folded_at IS NULL)
     AND NOT EXISTS (SELECT FROM gateway.session_events e WHERE e.session_id = s.session_id AND e.tenant = s.tenant)`,
    [before],
  )
  await pool.query(
    `DELETE FROM gateway.approvals a WHERE least(coalesce(a.requested_at, a.folded_at), a.folded_at) < $1
     AND NOT EXISTS (SELECT FROM gateway.sessions s WHERE s.session_id = a.session_id AND s.tenant = a.tenant)`,
    [before],
  )
  await pool.query(
    `DELETE FROM gateway.decisions d WHERE least(d.decided_at, d.folded_at) < $1
     AND NOT EXISTS (SELECT FROM gateway.approvals a WHERE a.approval_id = d.approval_id AND a.tenant = d.tenant)`,
    [before],
  )
  await pool.query(
    `DELETE FROM gateway.incidents i WHERE NOT EXISTS (
       SELECT FROM gateway.sessions s WHERE s.session_id = i.session_id AND s.tenant = i.tenant)`,
  )
  await pool.query(
    'DELETE FROM gateway.postmortems WHERE least(coalesce(requested_at, result_at, folded_at), folded_at) < $1',
    [before],
  )
  await pool.query(
    `DELETE FROM gateway.postmortem_edits e WHERE least(occurred_at, folded_at) < $1 AND NOT EXISTS (
       SELECT FROM gateway.postmortems p WHERE p.postmortem_id = e.postmortem_id AND p.tenant = e.tenant)`,
    [before],
  )
  await pool.query(
    `DELETE FROM gateway.feedback f WHERE NOT EXISTS (
       SELECT FROM gateway.sessions s WHERE s.session_id = f.session_id AND s.tenant = f.tenant) AND least(occurred_at, folded_at) < $1`,
    [before],
  )
  await pool.query('DELETE FROM gateway.anomalies WHERE least(occurred_at, folded_at) < $1', [before])
  await pool.query(
    `DELETE FROM gateway.expectations e WHERE least(occurred_at, folded_at) < $1 AND NOT EXISTS (
       SELECT FROM gateway.anomalies a WHERE a.anomaly_id = e.anomaly_id AND a.tenant = e.tenant)`,
    [before],
  )
  await pool.query('DELETE FROM gateway.forecasts WHERE least(occurred_at, folded_at) < $1', [before])
  await pool.query('DELETE FROM gateway.people WHERE seen_at < $1', [before])
  await pool.query('DELETE FROM gateway.agents WHERE least(occurred_at, folded_at) < $1', [now - REPORTED_MS])
}
