/**
 * Alerts as keys in the table of the idempotency keys. Several may lead to one event. A key is kept for a week after it was last seen, because
 * Alertmanager repeats an alert for as long as it fires.
 */
import type { Pool } from 'pg'
import type { ViewEvent } from '../views/fold.ts'

interface Row<V> {
  key: string
  prepared: V
  published: boolean
}

interface Keyed {
  caller: string
  keys: readonly string[]
}

/** Publishes one event for the new keys, and any event that an interrupted request stored but did not publish. Returns the events of all keys. */
export async function publishForNew<V extends ViewEvent>(
  pool: Pool,
  { caller, keys }: Keyed,
  work: { prepare(fresh: readonly string[]): V; publish(event: V): Promise<void> },
): Promise<{ events: V[]; fresh: number }> {
  const known = await seen<V>(pool, { caller, keys })
  const fresh = keys.filter((key) => !known.some((row) => row.key === key))
  if (fresh.length > 0)
    await pool.query(
      `INSERT INTO gateway_requests.keys (caller, key, request_hash, prepared) SELECT $1, key, '', $3 FROM unnest($2::text[]) AS n(key)
       ON CONFLICT (caller, key) DO NOTHING`,
      [caller, fresh, JSON.stringify(work.prepare(fresh))],
    )
  // if a duplicate was inserted first, its rows count
  const rows = fresh.length === 0 ? known : await seen<V>(pool, { caller, keys })
  const ofEvents = [...Map.groupBy(rows, ({ prepared }) => prepared.value.event_id).values()]
  for (const some of ofEvents) {
    if (some.every(({ published }) => published)) continue
    await work.publish(some[0]!.prepared)
    await pool.query('UPDATE gateway_requests.keys SET published = true WHERE caller = $1 AND key = ANY($2)', [
      caller,
      some.map(({ key }) => key),
    ])
  }
  return { events: ofEvents.map(([one]) => one!.prepared), fresh: fresh.length }
}

async function seen<V>(pool: Pool, { caller, keys }: Keyed): Promise<Row<V>[]> {
  const { rows } = await pool.query<Row<V>>(
    `UPDATE gateway_requests.keys SET created_at = clock_timestamp() WHERE caller = $1 AND key = ANY($2) RETURNING key, prepared, published`,
    [caller, keys],
  )
  return rows
}
