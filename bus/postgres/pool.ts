import { Pool, type PoolConfig } from 'pg'
import { prepareStatements } from './prepared.ts'

/**
 * A pool whose connections may break without ending the process: the query of one in use fails and says so; an idle one is replaced by the
 * next query, and `onLost` is told.
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
