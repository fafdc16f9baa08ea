import type { Pool, PoolClient } from 'pg'

/** Runs queries: the pool, or the client of a transaction. */
export type Database = Pick<PoolClient, 'query'>

/** Runs `work` in a transaction: commits when it returns, rolls back when it throws. */
export async function transaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  let broken: Error | undefined
  try {
    await client.query('BEGIN')
    const result = await work(client)
    await client.query('COMMIT')
    return result
  } catch (error) {
    await client.query('ROLLBACK').catch((failure: Error) => {
      broken = failure
    })
    throw error
  } finally {
    client.release(broken)
  }
}
