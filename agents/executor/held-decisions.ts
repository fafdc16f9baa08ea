/** Decisions that came before their request. Anybody can write one, so they are few: forged ones never push out what a trusted signer signed. */
import type { Pool, PoolClient } from 'pg'
import { tellDropped } from '../../bus/dropped.ts'
import type { ApprovalDecided } from '../../schemas/events.generated.ts'

export interface HeldBounds {
  /** of one approval, of each kind; the first stay */
  perApproval: number
  /** in all, of those nobody trusted signed, or whose signature was not looked at yet; the newest stay */
  doubtful: number
  /** in all, of those a trusted signer signed; the newest stay */
  genuine: number
  /** characters of a signed decision */
  characters: number
}

export const heldBounds: HeldBounds = { perApproval: 20, doubtful: 1000, genuine: 10_000, characters: 32_768 }

export async function hold(client: PoolClient, decision: ApprovalDecided, bounds = heldBounds): Promise<void> {
  if (decision.decision_jws.length > bounds.characters) return tellDropped('held_decision')
  const { rowCount } = await client.query(
    `INSERT INTO executor.held_decisions (event_id, approval_id, tenant, decision) SELECT $1, $2, $3, $4
     WHERE (SELECT count(*) FROM executor.held_decisions WHERE approval_id = $2 AND tenant = $3 AND NOT genuine AND event_id <> $1) < $5
     ON CONFLICT (event_id) DO UPDATE SET event_id = EXCLUDED.event_id`,
    [decision.event_id, decision.approval_id, decision.tenant, JSON.stringify(decision), bounds.perApproval],
  )
  if (rowCount === 0) return tellDropped('held_decision')
  await keepNewest(client, false, bounds.doubtful)
}

/** Its signature is good: it no longer stands among those that anybody can write. */
export async function holdAsGenuine(pool: Pool, decision: ApprovalDecided, bounds = heldBounds): Promise<void> {
  await pool.query(
    `UPDATE executor.held_decisions SET genuine = true WHERE event_id = $1
       AND (SELECT count(*) FROM executor.held_decisions WHERE approval_id = $2 AND tenant = $3 AND genuine) < $4`,
    [decision.event_id, decision.approval_id, decision.tenant, bounds.perApproval],
  )
  await keepNewest(pool, true, bounds.genuine)
}

async function keepNewest(connection: Pool | PoolClient, genuine: boolean, most: number): Promise<void> {
  const { rowCount } = await connection.query(
    `DELETE FROM executor.held_decisions WHERE event_id = ANY(ARRAY(
       SELECT event_id FROM executor.held_decisions WHERE genuine = $1 ORDER BY held_at DESC, event_id OFFSET $2))`,
    [genuine, most],
  )
  tellDropped('held_decision', rowCount ?? 0)
}
