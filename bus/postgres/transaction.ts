import type { Pool, PoolClient } from 'pg'

/** What a query can be asked of: the pool, or the client of a transaction. */
export type Database = Pick<PoolClient, 'query'>

/** All or nothing: what `work` writes is there when this returns, and none of it when it throws. */
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
