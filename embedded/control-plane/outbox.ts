/** Outbox: events are written in the transaction of the change they report, and published afterwards, in order, with retries. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Pool } from 'pg'
import type { Logger } from 'pino'
import type { Bus, EncodedRecord } from '../../bus/bus.ts'
import { transaction, type Database } from '../../bus/postgres/transaction.ts'

const batch = 100
const pollMs = 1_000
const stopLimitMs = 5_000

export interface Outbox {
  /** Call within a transaction; `nudge` after the commit publishes without waiting for the next poll. */
  add(client: Database, records: readonly EncodedRecord[]): Promise<void>
  nudge(): void
  start(): void
  /** Publishes what is committed within the time limit; the rest is published after the next start. */
  stop(): Promise<void>
}

export function createOutbox({ pool, bus, log }: { pool: Pool; bus: Bus; log: Logger }): Outbox {
  let timer: NodeJS.Timeout | null = null
  let working: Promise<void> | null = null
  let again = false

  /** One publisher at a time, across processes: two would break the order per key. */
  const publishBatch = () =>
    transaction(pool, async (client) => {
      await client.query(`SELECT pg_advisory_xact_lock(hashtextextended('control-plane outbox', 0))`)
      const { rows } = await client.query<EncodedRecord & { id: string }>(
        `SELECT id, topic, key, value, headers FROM control_plane.outbox WHERE published_at IS NULL ORDER BY id LIMIT $1`,
        [batch],
      )
      if (rows.length === 0) return 0
      await bus.publish(rows.map(({ topic, key, value, headers }) => ({ topic, key, value, headers })))
      await client.query(`UPDATE control_plane.outbox SET published_at = clock_timestamp() WHERE id = ANY($1)`, [
        rows.map(({ id }) => id),
      ])
      return rows.length
    })

  async function drain(): Promise<void> {
    do {
      again = false
      while ((await publishBatch()) === batch);
    } while (again)
  }

  function nudge(): void {
    again = true
    if (working !== null) return
    working = drain()
      .catch((error: unknown) =>
        log.warn({ error: String(error) }, 'failed to publish from the outbox; will be retried'),
      )
      .finally(() => {
        working = null
      })
  }

  return {
    add: async (client, records) => {
      for (const { topic, key, value, headers } of records)
        await client.query(`INSERT INTO control_plane.outbox (topic, key, value, headers) VALUES ($1, $2, $3, $4)`, [
          topic,
          key,
          value,
          JSON.stringify(headers),
        ])
    },
    nudge,
    start: () => {
      timer ??= setInterval(nudge, pollMs)
      nudge()
    },
    stop: async () => {
      if (timer !== null) clearInterval(timer)
      timer = null
      nudge()
      await Promise.race([working, delay(stopLimitMs, undefined, { ref: false })])
    },
  }
}
