import type { Pool } from 'pg'
import type { Events } from '../../schemas/events.generated.ts'

/** A session whose request has arrived. bigint columns come as strings. */
export interface SessionRow {
  session_id: string
  tenant: string
  kind: string
  service: string | null
  requested_by: string
  requested_at: string
  progress: number
  step: string | null
  message: Record<string, string> | null
  result: Events['DiagnosisCompleted'] | null
  status: string
  /** ids of its approvals */
  approvals: string[]
}

const columns = `s.session_id, s.tenant, s.kind, s.service, s.requested_by, s.requested_at, s.progress, s.step, s.message,
  s.result, s.status, ARRAY(SELECT approval_id FROM gateway.approval_states a
    WHERE a.session_id = s.session_id AND a.tenant = s.tenant ORDER BY requested_at) AS approvals`

/** One session of this tenant; null: none, or another tenant's. */
export async function findSession(pool: Pool, tenant: string, sessionId: string): Promise<SessionRow | null> {
  const { rows } = await pool.query<SessionRow>(
    `SELECT ${columns} FROM gateway.session_states s WHERE s.session_id = $1 AND s.tenant = $2`,
    [sessionId, tenant],
  )
  return rows[0] ?? null
}

/** The request of a session of this tenant; null: none. */
export async function findRequest(
  pool: Pool,
  tenant: string,
  sessionId: string,
): Promise<Events['DiagnosisRequested'] | null> {
  const { rows } = await pool.query<{ body: Events['DiagnosisRequested'] }>(
    `SELECT body FROM gateway.session_events WHERE session_id = $1 AND tenant = $2 AND event = 'DiagnosisRequested' ORDER BY position LIMIT 1`,
    [sessionId, tenant],
  )
  return rows[0]?.body ?? null
}

export interface Page {
  page: number
  page_size: number
}

export interface SessionFilter extends Page {
  tenant: string
  /** ms since the epoch, inclusive */
  start?: number
  /** ms since the epoch, exclusive */
  end?: number
  service?: string
  status?: string
}

/** One page of this tenant's sessions, newest first, and the total. */
export async function listSessions(pool: Pool, filter: SessionFilter): Promise<{ rows: SessionRow[]; total: number }> {
  const where = `s.tenant = $1 AND ($2::bigint IS NULL OR s.requested_at >= $2) AND ($3::bigint IS NULL OR s.requested_at < $3)
    AND ($4::text IS NULL OR s.service = $4) AND ($5::text IS NULL OR s.status = $5)`
  const values = [filter.tenant, filter.start, filter.end, filter.service, filter.status]
  const [page, count] = await Promise.all([
    pool.query<SessionRow>(
      `SELECT ${columns} FROM gateway.session_states s WHERE ${where}
       ORDER BY s.requested_at DESC, s.session_id DESC LIMIT $6 OFFSET $7`,
      [...values, filter.page_size, (filter.page - 1) * filter.page_size],
    ),
    pool.query<{ total: string }>(`SELECT count(*) AS total FROM gateway.session_states s WHERE ${where}`, values),
  ])
  return { rows: page.rows, total: Number(count.rows[0]?.total ?? 0) }
}

export const pagination = ({ page, page_size }: Page, total: number) => ({
  page,
  page_size,
  total,
  total_pages: Math.ceil(total / page_size),
})
