/** Sessions and postmortems as A2A tasks. Both come from the topics alone, so a task is the same after any restart. */
import type { Pool } from 'pg'
import { CONTEXT_ID } from '../../schemas/a2a-context.ts'

/** `state` is an A2A TaskState without its prefix. */
export interface TaskRow {
  id: string
  skill: 'diagnose' | 'postmortem'
  /** as the client named it; null: it did not */
  context_id: string | null
  state: string
  /** ms since the epoch of the last event that counts */
  updated_at: string
  /** approvals that wait for a person */
  open_approvals: string[]
}

export interface TaskFilter {
  contextId?: string
  state?: string
  /** ms since the epoch, inclusive */
  since?: number
}

/** Position in the list: the last task of the page before. */
export interface TaskPosition {
  updatedAt: string
  id: string
}

/**
 * A session waits for input while an approval of its own, or one that it joined, has no decision. $1: tenant, $2: id or null. One that is only
 * announced, or decided and not yet executed, needs nothing from the client. What people propose by hand comes after the diagnosis: a completed task
 * stays completed.
 */
const TASKS = `
  SELECT s.session_id AS id, 'diagnose' AS skill, c.context_id, coalesce(o.open, '{}') AS open_approvals,
    greatest(s.requested_at, s.progress_at, s.result_at, o.changed_at) AS updated_at,
    CASE CASE WHEN o.by_hand AND NOT o.stands AND s.status IN ('acting', 'awaiting_approval') THEN 'completed' ELSE s.status END
      WHEN 'processing' THEN CASE WHEN s.progress_at IS NULL THEN 'SUBMITTED' ELSE 'WORKING' END
      WHEN 'acting' THEN 'WORKING'
      WHEN 'awaiting_approval' THEN CASE WHEN o.open IS NULL THEN 'WORKING' ELSE 'INPUT_REQUIRED' END
      WHEN 'cancelled' THEN 'CANCELED'
      WHEN 'failed' THEN 'FAILED'
      ELSE 'COMPLETED'
    END AS state
  FROM gateway.session_states s
  LEFT JOIN LATERAL (
    SELECT max(greatest(p.requested_at, (p.closed->>'occurred_at')::bigint, (p.acted->>'occurred_at')::bigint)) FILTER (WHERE is_own) AS changed_at,
      array_agg(p.approval_id::text ORDER BY p.requested_at, p.approval_id) FILTER (WHERE is_own AND p.status = 'pending') AS open,
      bool_or(is_own AND (p.outcome IS NULL OR p.outcome = 'approved' AND p.acted IS NULL)) AS stands, bool_or(NOT is_own) AS by_hand
    FROM gateway.approvals a
    CROSS JOIN LATERAL (SELECT a.requested->>'proposed_by' IS NULL AS is_own) AS whose
    JOIN gateway.approval_states p ON p.approval_id IN (a.approval_id, a.joined) AND p.tenant = a.tenant
    WHERE a.session_id = s.session_id AND a.tenant = s.tenant
  ) o ON true
  LEFT JOIN LATERAL (
    SELECT e.body->'context'->>'${CONTEXT_ID}' AS context_id FROM gateway.session_events e
    WHERE e.session_id = s.session_id AND e.tenant = s.tenant AND e.event = 'DiagnosisRequested' ORDER BY e.position LIMIT 1
  ) c ON true
  WHERE s.tenant = $1 AND ($2::uuid IS NULL OR s.session_id = $2)
  UNION ALL
  SELECT postmortem_id, 'postmortem', requested->'context'->>'${CONTEXT_ID}', '{}', greatest(requested_at, result_at,
      (SELECT max(e.occurred_at) FROM gateway.postmortem_edits e WHERE e.postmortem_id = p.postmortem_id AND e.tenant = p.tenant)),
    CASE coalesce(result->>'status', 'processing') WHEN 'processing' THEN 'WORKING' WHEN 'failed' THEN 'FAILED' ELSE 'COMPLETED' END
  FROM gateway.postmortems p
  WHERE tenant = $1 AND requested IS NOT NULL AND ($2::uuid IS NULL OR postmortem_id = $2)`

/** All tasks of a tenant, without the states that TASKS finds for each. */
const COUNT = `SELECT (SELECT count(*) FROM gateway.sessions WHERE tenant = $1 AND requested_at IS NOT NULL)
  + (SELECT count(*) FROM gateway.postmortems WHERE tenant = $1 AND requested IS NOT NULL) AS total`

const isEmpty = (...filters: unknown[]): boolean => filters.every((filter) => filter === undefined)

/** One task of this tenant; null: none, or another tenant's. */
export async function findTask(pool: Pool, tenant: string, id: string): Promise<TaskRow | null> {
  const { rows } = await pool.query<TaskRow>(TASKS, [tenant, id])
  return rows[0] ?? null
}

/** One page of this tenant's tasks, the last changed first, and the number of all that the filter lets through. */
export async function listTasks(
  pool: Pool,
  tenant: string,
  { contextId, state, since }: TaskFilter,
  { after, size }: { after: TaskPosition | null; size: number },
): Promise<{ rows: TaskRow[]; total: number; next: TaskPosition | null }> {
  const chosen = `FROM (${TASKS}) t WHERE ($3::text IS NULL OR coalesce(t.context_id, t.id::text) = $3)
    AND ($4::text IS NULL OR t.state = $4) AND ($5::bigint IS NULL OR t.updated_at >= $5)`
  const values = [tenant, null, contextId, state, since]
  const [page, count] = await Promise.all([
    pool.query<TaskRow>(
      `SELECT t.* ${chosen} AND ($6::bigint IS NULL OR (t.updated_at, t.id) < ($6, $7::uuid))
       ORDER BY t.updated_at DESC, t.id DESC LIMIT $8`,
      [...values, after?.updatedAt, after?.id, size + 1],
    ),
    isEmpty(contextId, state, since)
      ? pool.query<{ total: string }>(COUNT, [tenant])
      : pool.query<{ total: string }>(`SELECT count(*) AS total ${chosen}`, values),
  ])
  const rows = page.rows.slice(0, size)
  const last = rows.at(-1)
  const next = page.rows.length > size && last !== undefined ? { updatedAt: last.updated_at, id: last.id } : null
  return { rows, total: Number(count.rows[0]?.total ?? 0), next }
}

/** More distinct services than this are not listed. */
const MOST_SERVICES = 1000

/** Services that sessions of this tenant were about. */
export async function knownServices(pool: Pool, tenant: string): Promise<string[]> {
  const { rows } = await pool.query<{ service: string }>(
    `SELECT DISTINCT service FROM gateway.sessions WHERE tenant = $1 AND service IS NOT NULL AND requested_at IS NOT NULL
     ORDER BY service LIMIT ${MOST_SERVICES}`,
    [tenant],
  )
  return rows.map(({ service }) => service)
}
