import { openPool } from '../../bus/postgres/pool.ts'
import { CommandError } from '../login/context.ts'
import { wordsOf } from '../login/reason.ts'
import { serving as texts } from './texts.ts'

const CONNECT_MS = 10_000

/** Names the server that is unreachable: a refused connection gives only an address. */
export async function reached(connectionString: string): Promise<void> {
  const pool = openPool({ connectionString, max: 1, connectionTimeoutMillis: CONNECT_MS })
  try {
    await pool.query('SELECT')
  } catch (error) {
    throw new CommandError(texts.database(wordsOf(error)))
  } finally {
    await pool.end()
  }
}
