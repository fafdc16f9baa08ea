/**
 * `Idempotency-Key`: the event a request leads to is stored before it is published. A repeat after a crash publishes the same event with the same
 * ids, which readers drop as a duplicate. So one key and body have one effect, also when duplicates arrive concurrently.
 */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import canonicalize from 'canonicalize'
import type { Pool } from 'pg'
import { migrate } from '../../bus/postgres/migrate.ts'
import { tellDropped } from '../../bus/dropped.ts'
import type { Caller } from '../auth/caller.ts'
import { conflict } from '../errors.ts'
import { refusals } from '../present/texts.ts'
import type { ViewEvent } from '../views/fold.ts'

export const migrateKeys = (databaseUrl: string): Promise<void> =>
  migrate(databaseUrl, 'gateway_requests', join(import.meta.dirname, 'migrations'))

export interface KeyedRequest {
  /** whose key it is; in another tenant the same caller may use it anew */
  caller: Pick<Caller, 'id' | 'tenant'>
  /** the header's value; undefined: not sent */
  key: string | undefined
  /** operation, path parameters and body; a key may only be reused for the same ones */
  request: unknown
}

interface KeyRow {
  request_hash: string
  prepared: ViewEvent
  published: boolean
}

/**
 * Publishes the event made by `prepare`, once per key, and returns the event of this key. Throws a conflict if the key was used for another request,
 * and passes on errors of `prepare` and `publish`.
 */
export async function publishOnce<V extends ViewEvent>(
  pool: Pool,
  { caller, key, request }: KeyedRequest,
  work: { prepare(): Promise<V>; publish(event: V): Promise<void> },
): Promise<V> {
  if (key === undefined) {
    const event = await work.prepare()
    await work.publish(event)
    return event
  }
  const hash = createHash('sha256')
    .update(canonicalize(request) ?? '')
    .digest('hex')
  const owner = `${caller.tenant} ${caller.id}`
  const row = (await find(pool, owner, key)) ?? (await keep(pool, { owner, key, hash }, await work.prepare()))
  if (row.request_hash !== hash) throw conflict(refusals.keyReused)
  const event = row.prepared as V
  if (row.published) return event
  await work.publish(event)
  await pool.query('UPDATE gateway_requests.keys SET published = true WHERE caller = $1 AND key = $2', [owner, key])
  return event
}

async function find(pool: Pool, owner: string, key: string): Promise<KeyRow | null> {
  const { rows } = await pool.query<KeyRow>(
    'SELECT request_hash, prepared, published FROM gateway_requests.keys WHERE caller = $1 AND key = $2',
    [owner, key],
  )
  return rows[0] ?? null
}

async function keep(
  pool: Pool,
  { owner, key, hash }: { owner: string; key: string; hash: string },
  event: ViewEvent,
): Promise<KeyRow> {
  await pool.query(
    `INSERT INTO gateway_requests.keys (caller, key, request_hash, prepared) VALUES ($1, $2, $3, $4)
     ON CONFLICT (caller, key) DO NOTHING`,
    [owner, key, hash, JSON.stringify(event)],
  )
  // if a duplicate was inserted first, its row counts
  const row = await find(pool, owner, key)
  if (row === null) throw new Error('an idempotency key was deleted while in use')
  return row
}

const MOST_OF_A_CALLER = 20_000

/** Deletes keys older than a week, and the oldest keys of callers with too many. */
export async function purgeKeys(pool: Pool, most = MOST_OF_A_CALLER): Promise<void> {
  await pool.query(`DELETE FROM gateway_requests.keys WHERE created_at < clock_timestamp() - interval '7 days'`)
  const { rowCount } = await pool.query(
    `DELETE FROM gateway_requests.keys WHERE ctid = ANY(ARRAY(
       SELECT ctid FROM (SELECT ctid, row_number() OVER (PARTITION BY caller ORDER BY created_at DESC) AS place
         FROM gateway_requests.keys WHERE published) AS ranked WHERE place > $1))`,
    [most],
  )
  tellDropped('idempotency_key', rowCount ?? 0)
}
