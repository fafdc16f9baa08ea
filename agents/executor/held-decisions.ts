/** Decisions that arrived before their request. Anyone can write one, so their number is bounded, and forged ones never displace those of a trusted signer. */
import type { Pool, PoolClient } from 'pg'
import { tellDropped } from '../../bus/dropped.ts'
import type { ApprovalDecided } from '../../schemas/events.generated.ts'

export interface HeldBounds {
  /** per approval and kind; the oldest are kept */
  perApproval: number
  /** in total, not known to be signed by a trusted signer; the newest are kept */
  doubtful: number
  /** in total, signed by a trusted signer; the newest are kept */
  genuine: number
  /** longest signed decision, in characters */
  characters: number
}

export const heldBounds: HeldBounds = { perApproval: 20, doubtful: 1000, genuine: 10_000, characters: 32_768 }

export async function hold(client: PoolClient, decision: ApprovalDecided, bounds = heldBounds): Promise<void> {
  if (decision.decision_jws.length > bounds.characters) return tellDropped('held_decision')
  const { rowCount } = await client.query(
    `INSERT INTO executor.held_decisions (event_id, approval_id, tenant, decision) SELECT $1, $2, $3, $4
     WHERE (SELECT count(*) FROM executor.held_decisions WHERE approval_id = $2 AND tenant = $3 AND NOT genuine AND event_id <> $1) < $5
     ON CONFLICT (event_id, tenant) DO UPDATE SET event_id = EXCLUDED.event_id`,
    [decision.event_id, decision.approval_id, decision.tenant, JSON.stringify(decision), bounds.perApproval],
  )
  if (rowCount === 0) return tellDropped('held_decision')
  await keepNewest(client, false, bounds.doubtful)
}

/** Its signature is valid, so it no longer counts against the bound for unverified ones. */
export async function holdAsGenuine(pool: Pool, decision: ApprovalDecided, bounds = heldBounds): Promise<void> {
  await pool.query(
    `UPDATE executor.held_decisions SET genuine = true WHERE event_id = $1 AND tenant = $3
       AND (SELECT count(*) FROM executor.held_decisions WHERE approval_id = $2 AND tenant = $3 AND genuine) < $4`,
    [decision.event_id, decision.approval_id, decision.tenant, bounds.perApproval],
  )
  await keepNewest(pool, true, bounds.genuine)
}

async function keepNewest(connection: Pool | PoolClient, genuine: boolean, most: number): Promise<void> {
  const { rowCount } = await connection.query(
    `DELETE FROM executor.held_decisions WHERE (event_id, tenant) IN (
       SELECT event_id, tenant FROM executor.held_decisions WHERE genuine = $1 ORDER BY held_at DESC, event_id, tenant OFFSET $2)`,
    [genuine, most],
  )
  tellDropped('held_decision', rowCount ?? 0)
}
