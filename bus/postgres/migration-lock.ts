/** One process at a time changes the schemas of a database, whichever part and whichever library's tables it is about. */
import { setTimeout } from 'node:timers/promises'
import { Client } from 'pg'

const LOCK = `hashtextextended('sre migrations', 0)`
const RETRY_MS = 100
const LIMIT_MS = 10 * 60_000
/** How its holder is found in pg_stat_activity. */
const NAME = 'sre-migrations'

/**
 * Runs `work` under the lock, which ends with its connection, also when the process dies. Asks again and again rather than wait within a
 * statement: a waiting statement holds a snapshot, and the durable engine's CREATE INDEX CONCURRENTLY waits for every older snapshot, which
 * is a deadlock. Not reentrant.
 */
export async function underMigrationLock<T>(databaseUrl: string, work: () => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: databaseUrl, application_name: NAME })
  // a server that goes away fails the queries of `work` too
  client.on('error', () => undefined)
  await client.connect()
  try {
    const since = Date.now()
    while (!(await isTaken(client))) {
      if (Date.now() - since > LIMIT_MS)
        throw new Error(`another process has been migrating the database for 10 minutes (${NAME} in pg_stat_activity)`)
      await setTimeout(RETRY_MS)
    }
    return await work()
  } finally {
    await client.end()
  }
}

async function isTaken(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ taken: boolean }>(`SELECT pg_try_advisory_lock(${LOCK}) AS taken`)
  return rows[0]?.taken === true
}
