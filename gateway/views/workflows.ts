/** How the workflows of the agents went for one tenant, as long as sessions are kept. */
import type { Pool } from 'pg'

export interface Figures {
  /** how many have ended; cancelled ones do not count */
  finished: number
  /** share of them that succeeded; null: none has ended */
  success: number | null
  /** median time of those that succeeded, ms; null: there are none */
  ms: number | null
}

/** Of sessions: from the request to its first result. A partial result is a result; a failed session has none. */
export async function sessionFigures(pool: Pool, tenant: string, kinds: readonly string[]): Promise<Figures> {
  const { rows } = await pool.query<Figures>(
    `SELECT count(*)::int AS finished, avg((result_status <> 'failed')::int)::float AS success,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY greatest(result_at - requested_at, 0))
         FILTER (WHERE result_status <> 'failed' AND revision = 1) AS ms
     FROM gateway.sessions
     WHERE tenant = $1 AND kind = ANY($2) AND requested_at IS NOT NULL AND result_status IS NOT NULL AND result_status <> 'cancelled'`,
    [tenant, kinds],
  )
  return rows[0]!
}

/** Of approved actions: from the start of the execution to the end of the verification. */
export async function actionFigures(pool: Pool, tenant: string): Promise<Figures> {
  const { rows } = await pool.query<Figures>(
    `SELECT count(*)::int AS finished, avg((acted->>'outcome' = 'succeeded')::int)::float AS success,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY greatest((acted->>'occurred_at')::bigint - (acted->>'started_at')::bigint, 0))
         FILTER (WHERE acted->>'outcome' = 'succeeded' AND acted->>'started_at' IS NOT NULL) AS ms
     FROM gateway.approvals WHERE tenant = $1 AND requested IS NOT NULL AND acted IS NOT NULL`,
    [tenant],
  )
  return rows[0]!
}
