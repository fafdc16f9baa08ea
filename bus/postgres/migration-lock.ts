/** A lock so that only one process at a time migrates a database: our own schemas and those of libraries. */
import { setTimeout } from 'node:timers/promises'
import { Client } from 'pg'

const LOCK = `hashtextextended('sre migrations', 0)`
const RETRY_MS = 100
const LIMIT_MS = 10 * 60_000
/** `application_name` of the lock holder in pg_stat_activity. */
const NAME = 'sre-migrations'

/**
 * Runs `work` under the lock, which is released with its connection, even if the process dies. Polls instead of waiting in a statement: a
 * waiting statement holds a snapshot, and the durable engine's CREATE INDEX CONCURRENTLY waits for every older snapshot, which would be a
 * deadlock. Not reentrant.
 */
export async function underMigrationLock<T>(databaseUrl: string, work: () => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: databaseUrl, application_name: NAME })
  // if the server goes down, the queries of `work` fail too
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
