/** The executor's own record of approvals: each is opened once and closed once, by one run. */
import type { Pool, PoolClient } from 'pg'
import type { ApprovalDecided, ApprovalRequested } from '../../schemas/events.generated.ts'
import { type Closing, refuse } from './judge.ts'

export function createApprovals(pool: Pool) {
  const transaction = async <T>(work: (client: PoolClient) => Promise<T>): Promise<T> => {
    const client = await pool.connect()
    try {
      await client.query('BEGIN')
      const result = await work(client)
      await client.query('COMMIT')
      return result
    } catch (error) {
      await client.query('ROLLBACK').catch(() => undefined)
      throw error
    } finally {
      client.release()
    }
  }
  /** A request and its decision may arrive at once: one of the two handlers must see the other. */
  const lock = (client: PoolClient, approvalId: string) =>
    client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [approvalId])

  return {
    /** Opens an approval and gives the decisions that were held for it, oldest first. */
    open: (request: ApprovalRequested): Promise<ApprovalDecided[]> =>
      transaction(async (client) => {
        await lock(client, request.approval_id)
        await client.query(
          `INSERT INTO executor.approvals (approval_id, tenant, session_id, request) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
          [request.approval_id, request.tenant, request.session_id, JSON.stringify(request)],
        )
        const { rows } = await client.query<{ decision: ApprovalDecided }>(
          `SELECT decision FROM executor.held_decisions WHERE approval_id = $1 ORDER BY held_at, event_id`,
          [request.approval_id],
        )
        return rows.map((row) => row.decision)
      }),

    /** The request a decision is about; null when it is not known yet, and the decision is held. */
    requestFor: (decision: ApprovalDecided): Promise<ApprovalRequested | null> =>
      transaction(async (client) => {
        await lock(client, decision.approval_id)
        const { rows } = await client.query<{ request: ApprovalRequested }>(
          `SELECT request FROM executor.approvals WHERE approval_id = $1`,
          [decision.approval_id],
        )
        if (rows[0] !== undefined) return rows[0].request
        await client.query(
          `INSERT INTO executor.held_decisions (event_id, approval_id, decision) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
          [decision.event_id, decision.approval_id, JSON.stringify(decision)],
        )
        return null
      }),

    /**
     * Closes an approval for a run; null when another run closed it before. A signed decision that was used elsewhere closes it as
     * refused. The same run asking again gets the same answer.
     */
    close: (approvalId: string, closing: Closing, runId: string): Promise<Closing | null> =>
      transaction(async (client) => {
        await lock(client, approvalId)
        const effective = (await isReplayed(client, approvalId, closing, runId))
          ? {
              ...refuse('replayed', 'this signed decision was used before', null),
              decidedBy: closing.decidedBy,
              jti: closing.jti,
            }
          : closing
        const { rows } = await client.query<{ closed_by_run: string }>(
          `UPDATE executor.approvals SET outcome = COALESCE(outcome, $2), code = COALESCE(code, $3),
             closed_by_run = COALESCE(closed_by_run, $4), closed_at = COALESCE(closed_at, clock_timestamp())
           WHERE approval_id = $1 RETURNING closed_by_run`,
          [approvalId, effective.outcome, effective.code, runId],
        )
        return rows[0]?.closed_by_run === runId ? effective : null
      }),

    /** The request of the approval that this run closed as approved, or null: only that run owes the session an action. */
    async approvedBy(runId: string): Promise<ApprovalRequested | null> {
      const { rows } = await pool.query<{ request: ApprovalRequested }>(
        `SELECT request FROM executor.approvals WHERE closed_by_run = $1 AND outcome = 'approved'`,
        [runId],
      )
      return rows[0]?.request ?? null
    },
  }
}

export type Approvals = ReturnType<typeof createApprovals>

async function isReplayed(client: PoolClient, approvalId: string, closing: Closing, runId: string): Promise<boolean> {
  if (closing.jti === null || closing.issuer === null) return false
  await client.query(
    `INSERT INTO executor.used_decisions (issuer, jti, approval_id, run_id) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
    [closing.issuer, closing.jti, approvalId, runId],
  )
  const { rows } = await client.query<{ run_id: string }>(
    `SELECT run_id FROM executor.used_decisions WHERE issuer = $1 AND jti = $2`,
    [closing.issuer, closing.jti],
  )
  return rows[0]?.run_id !== runId
}
