/** Every decision that was judged, with what became of it: also those that closed nothing, up to a bound for each approval. */
import type { Pool, PoolClient } from 'pg'
import { tellDropped } from '../../bus/dropped.ts'
import type { ApprovalDecided } from '../../schemas/events.generated.ts'
import type { Closing } from './judge.ts'

/** Once per run and decision, however often its step is repeated. */
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

/** Rows of one approval for what did not count: anybody can write more of these, and they say nothing new. */
const MOST_MENTIONS = 1000

/** The same for a decision that closed nothing: left out where the approval has enough of them. */
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
