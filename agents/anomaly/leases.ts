/** Which process watches which shard. Each statement stands alone, so that a process that freezes between two of them blocks no other. */
import type { Pool } from 'pg'
import type { Database } from '../../bus/postgres/transaction.ts'
import { SHARDS } from './shards.ts'

/** By shard. `taken`: another process may have watched it since this one last did. */
export type Leases = ReadonlyMap<number, 'renewed' | 'taken'>

/** Another process watches the shard now. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError'
}

const UNTIL = `clock_timestamp() + $2 * interval '1 millisecond'`

/** Renews the leases of a process for `ms`, takes those that are free, and gives up those beyond its fair share. */
export async function holdLeases(pool: Pool, owner: string, ms: number): Promise<Leases> {
  const share = await shareOf(pool, owner, ms)
  await pool.query(
    `UPDATE anomaly.leases SET owner = NULL, until = '-infinity' WHERE owner = $1 AND shard IN (
       SELECT shard FROM anomaly.leases WHERE owner = $1 ORDER BY shard OFFSET $2)`,
    [owner, share],
  )
  const renewed = await pool.query<{ shard: number }>(
    `UPDATE anomaly.leases SET until = ${UNTIL} WHERE owner = $1 RETURNING shard`,
    [owner, ms],
  )
  const taken = await pool.query<{ shard: number }>(
    `UPDATE anomaly.leases SET owner = $1, until = ${UNTIL} WHERE shard IN (
       SELECT shard FROM anomaly.leases WHERE until < clock_timestamp() AND owner IS DISTINCT FROM $1
       ORDER BY shard LIMIT $3 FOR UPDATE SKIP LOCKED) RETURNING shard`,
    [owner, ms, Math.max(0, share - renewed.rows.length)],
  )
  return new Map([
    ...renewed.rows.map(({ shard }) => [shard, 'renewed'] as const),
    ...taken.rows.map(({ shard }) => [shard, 'taken'] as const),
  ])
}

/** Shards that the process should have. */
async function shareOf(pool: Pool, owner: string, ms: number): Promise<number> {
  await pool.query(
    `INSERT INTO anomaly.replicas (owner, until) VALUES ($1, ${UNTIL}) ON CONFLICT (owner) DO UPDATE SET until = excluded.until`,
    [owner, ms],
  )
  await pool.query(`DELETE FROM anomaly.replicas WHERE until < clock_timestamp() AND owner <> $1`, [owner])
  const { rows } = await pool.query<{ all: number; before: number }>(
    `SELECT count(*)::int AS all, (count(*) FILTER (WHERE owner < $1))::int AS before FROM anomaly.replicas`,
    [owner],
  )
  const { all, before } = rows[0]!
  return Math.floor(SHARDS / all) + (before < SHARDS % all ? 1 : 0)
}

/** Gives everything up, so that another process need not wait for the end of the leases. */
export async function releaseLeases(pool: Pool, owner: string): Promise<void> {
  await pool.query(`DELETE FROM anomaly.replicas WHERE owner = $1`, [owner])
  await pool.query(`UPDATE anomaly.leases SET owner = NULL, until = '-infinity' WHERE owner = $1`, [owner])
}

/** Lets no other process take the shard until the transaction is over. Throws `LeaseLostError` if one has. */
export async function keepLease(client: Database, owner: string, shard: number): Promise<void> {
  const { rowCount } = await client.query(`SELECT FROM anomaly.leases WHERE shard = $1 AND owner = $2 FOR SHARE`, [
    shard,
    owner,
  ])
  if (rowCount === 0) throw new LeaseLostError('another process watches now')
}
