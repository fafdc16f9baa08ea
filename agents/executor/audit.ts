/** The audit: every judged decision and its outcome, including those that closed nothing, up to a limit per approval. */
import type { Pool, PoolClient } from 'pg'
import { tellDropped } from '../../bus/dropped.ts'
import type { ApprovalDecided } from '../../schemas/events.generated.ts'
import type { Closing } from './judge.ts'

/** Idempotent per run and decision. */
export async function keepInAudit(
  connection: Pool | PoolClient,
  decision: ApprovalDecided,
  { outcome, code, reason, decidedBy, jti }: Closing,
  runId: string,
): Promise<void> {
  await connection.query(
    `INSERT INTO executor.audit (tenant, approval_id, run_id, decision_event, outcome, code, reason, decided_by, jti)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (run_id, decision_event) DO NOTHING`,
    [decision.tenant, decision.approval_id, runId, decision.event_id, outcome, code, reason, decidedBy, jti],
  )
}

/** Most audit rows per approval for decisions that did not count: anyone can publish more of them, and they add nothing. */
const MOST_MENTIONS = 1000

/** Records a decision that closed nothing, unless the approval has reached that limit. */
export async function mentionInAudit(
  connection: Pool | PoolClient,
  decision: ApprovalDecided,
  why: Closing,
  runId: string,
  most = MOST_MENTIONS,
): Promise<void> {
  const { rows } = await connection.query<{ full: boolean }>(
    `SELECT count(*) >= $3 AS full FROM (SELECT FROM executor.audit WHERE approval_id = $1 AND tenant = $2 LIMIT $3) AS known`,
    [decision.approval_id, decision.tenant, most],
  )
  if (rows[0]?.full === true) return tellDropped('audit_entry')
  await keepInAudit(connection, decision, why, runId)
}
