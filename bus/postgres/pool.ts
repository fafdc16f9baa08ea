import { Pool, type PoolConfig } from 'pg'
import { prepareStatements } from './prepared.ts'

/**
 * A pool that survives broken connections: a query in progress fails with an error; a broken idle connection is replaced on the next query
 * and reported to `onLost`.
 */
export function openPool(config: PoolConfig, onLost: (error: Error) => void = () => undefined): Pool {
  const pool = new Pool(config)
  pool.on('error', onLost)
  pool.on('connect', (client) => {
    client.on('error', () => undefined)
    prepareStatements(client)
  })
  return pool
}
