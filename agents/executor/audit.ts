/** Every decision that was judged, with what became of it: also those that closed nothing. */
import type { Pool, PoolClient } from 'pg'
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
