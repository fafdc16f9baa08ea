/** Whose approvals count. An action of critical risk needs two different people; called with the approval locked. */
import type { Pool, PoolClient } from 'pg'
import { approvalsNeeded } from '../../schemas/approvals-needed.ts'
import type { ApprovalDecided, ApprovalRequested } from '../../schemas/events.generated.ts'
import type { ApprovalKey } from './approval-key.ts'
import type { Closing } from './judge.ts'

/** An approval that counted and left its request open. */
export interface Counted {
  request: ApprovalRequested
  approvedBy: string
  jti: string
  reason: string
}

export const APPROVED_BY = `ARRAY(SELECT p.approved_by FROM executor.approvers p
  WHERE p.approval_id = approvals.approval_id AND p.tenant = approvals.tenant ORDER BY p.counted_at, p.approved_by)`

/** Whether this person has approved before, by another decision or in another run. */
export async function hasApproved(
  client: PoolClient,
  { approval_id, tenant }: ApprovalKey,
  approvedBy: string | null,
  decision: ApprovalDecided,
  runId: string,
): Promise<boolean> {
  const { rowCount } = await client.query(
    `SELECT FROM executor.approvers WHERE approval_id = $1 AND tenant = $2 AND approved_by = $3
       AND (decision_event <> $4 OR run_id <> $5)`,
    [approval_id, tenant, approvedBy, decision.event_id, runId],
  )
  return (rowCount ?? 0) > 0
}

/** Counts one person's approval: the approval closes as approved, or stays open as counted until another person approves too. */
export async function count(
  client: PoolClient,
  approval: ApprovalKey,
  closing: Closing,
  decision: ApprovalDecided,
  runId: string,
): Promise<Closing> {
  const { decidedBy, jti, reason } = closing
  await client.query(
    `INSERT INTO executor.approvers (approval_id, tenant, approved_by, jti, reason, decision_event, run_id)
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
    [approval.approval_id, approval.tenant, decidedBy, jti, reason ?? '', decision.event_id, runId],
  )
  const { needed, approvers } = await approversOf(client, approval)
  return approvers.length < needed ? { ...closing, outcome: 'counted' } : closing
}

/** Why an approval expired although someone approved it; null: nobody did. */
export async function tooFew(
  client: PoolClient,
  approval: ApprovalKey,
): Promise<Pick<Closing, 'code' | 'reason'> | null> {
  const { needed, approvers } = await approversOf(client, approval)
  if (approvers.length === 0) return null
  return { code: 'too_few_approvals', reason: `${approvers.length} of ${needed} approvals before it expired` }
}

async function approversOf(client: PoolClient, { approval_id, tenant }: ApprovalKey) {
  const { rows } = await client.query<{ risk: string; approvers: string[] }>(
    `SELECT request->>'risk' AS risk, ${APPROVED_BY} AS approvers FROM executor.approvals WHERE approval_id = $1 AND tenant = $2`,
    [approval_id, tenant],
  )
  const { risk = '', approvers = [] } = rows[0] ?? {}
  return { needed: approvalsNeeded(risk), approvers }
}

/** Approvals this run counted for requests it did not close. */
export async function countedBy(pool: Pool, runId: string): Promise<Counted[]> {
  const { rows } = await pool.query<Counted>(
    `SELECT request, approved_by AS "approvedBy", jti, p.reason FROM executor.approvers p
     JOIN executor.approvals a USING (approval_id, tenant)
     WHERE p.run_id = $1 AND a.closed_by_run IS DISTINCT FROM $1 ORDER BY p.counted_at`,
    [runId],
  )
  return rows
}
