import type { Pool } from 'pg'

/** Runs `work` under a lock shared by all gateways. `locks` is a pool for this purpose only. */
export async function withLock<T>(locks: Pool, name: string, work: () => Promise<T>): Promise<T> {
  const client = await locks.connect()
  let broken = true
  try {
    await client.query('BEGIN')
    await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`gateway ${name}`])
    try {
      return await work()
    } finally {
      await client.query('COMMIT')
      broken = false
    }
  } finally {
    client.release(broken)
  }
}
