import type { Pool, PoolClient } from 'pg'
import type { Events } from '../../schemas/events.generated.ts'
import type { KnownDecision } from './fold.ts'
import { namesOf } from './people.ts'
import type { Page } from './sessions.ts'

/** An approval whose request has arrived. */
export interface ApprovalRow {
  approval_id: string
  tenant: string
  requested: Events['ApprovalRequested']
  /** in the order they were made */
  decisions: Omit<KnownDecision, 'approval_id' | 'tenant'>[]
  closed: Events['ApprovalClosed'] | null
  acted: Events['ActionCompleted'] | null
  status: string
  /** someone published a closing or an outcome that the executor did not sign */
  ignored_statement: boolean
  /** names of the people involved, by id, as far as known */
  names: Record<string, string>
}

const columns = 'approval_id, tenant, requested, decisions, closed, acted, status, ignored_statement'

/** One approval of this tenant; null: none, or another tenant's. */
export async function findApproval(
  connection: Pool | PoolClient,
  tenant: string,
  approvalId: string,
): Promise<ApprovalRow | null> {
  const { rows } = await connection.query<Unnamed>(
    `SELECT ${columns} FROM gateway.approval_states WHERE approval_id = $1 AND tenant = $2`,
    [approvalId, tenant],
  )
  const [row] = await named(connection, rows)
  return row ?? null
}

/** Whether another approval of exactly this action is open in its tenant. */
export async function hasOpenTwin(pool: Pool, { approval_id, tenant, requested }: ApprovalRow): Promise<boolean> {
  const { rowCount } = await pool.query(
    `SELECT FROM gateway.approval_states WHERE tenant = $1 AND approval_id <> $2 AND status = 'pending'
       AND requested->>'action_hash' = $3 LIMIT 1`,
    [tenant, approval_id, requested.action_hash],
  )
  return rowCount === 1
}

type Unnamed = Omit<ApprovalRow, 'names'>

async function named(connection: Pool | PoolClient, rows: readonly Unnamed[]): Promise<ApprovalRow[]> {
  const names = await namesOf(connection, rows.flatMap(peopleIn))
  return rows.map((row) => ({
    ...row,
    names: Object.fromEntries(
      peopleIn(row).flatMap((id) => (id !== null && names[id] !== undefined ? [[id, names[id]]] : [])),
    ),
  }))
}

const peopleIn = ({ requested, decisions, closed }: Unnamed): (string | null)[] => [
  requested.requested_by,
  requested.proposed_by?.id ?? null,
  ...decisions.map(({ decided_by }) => decided_by),
  closed?.decided_by ?? null,
  ...(closed?.approved_by ?? []),
]

/** One page of this tenant's approvals, newest first, and the total. */
export async function listApprovals(
  pool: Pool,
  { tenant, status, service, page, page_size }: Page & { tenant: string; status?: string; service?: string },
): Promise<{ rows: ApprovalRow[]; total: number }> {
  const where = `tenant = $1 AND ($2::text IS NULL OR status = $2)
    AND ($3::text IS NULL OR requested->'action'->>'service' = $3)`
  const [rows, count] = await Promise.all([
    pool.query<Unnamed>(
      `SELECT ${columns} FROM gateway.approval_states WHERE ${where}
       ORDER BY requested_at DESC, approval_id DESC LIMIT $4 OFFSET $5`,
      [tenant, status, service, page_size, (page - 1) * page_size],
    ),
    pool.query<{ total: string }>(`SELECT count(*) AS total FROM gateway.approval_states WHERE ${where}`, [
      tenant,
      status,
      service,
    ]),
  ])
  return { rows: await named(pool, rows.rows), total: Number(count.rows[0]?.total ?? 0) }
}
