/** Watches the database while the platform runs, restarts it if it can, and gives up in the end. */
import { setTimeout as delay } from 'node:timers/promises'
import { openPool } from '../bus/postgres/pool.ts'

export interface DatabaseNews {
  /** called once, with the error from the database or the connection */
  onLost(why: string): void
  /** called once it answers again, with the ms it was down */
  onBack(awayMs: number): void
}

export interface DatabaseWatchOptions extends DatabaseNews {
  url: string
  /** restarts it; absent: the database is external, and is waited for */
  revive?: () => Promise<void>
  everyMs?: number
  /** ms it may be down; default a minute */
  limitMs?: number
}

export interface DatabaseWatch {
  /** settles when it was down for too long */
  failed: Promise<Error>
  stop(): Promise<void>
}

/** The data is gone, so waiting cannot help. */
export class DatabaseGone extends Error {
  override readonly name = 'DatabaseGone'
}

const ANSWER_MS = 5000
/** A single late answer may just mean a busy machine. */
const MISSES = 2

export function watchDatabase(options: DatabaseWatchOptions): DatabaseWatch {
  const { url, everyMs = 1000, limitMs = 60_000 } = options
  const pool = openPool({ connectionString: url, max: 1, connectionTimeoutMillis: ANSWER_MS, query_timeout: ANSWER_MS })
  const { promise: failed, resolve: fail } = Promise.withResolvers<Error>()
  const ended = new AbortController()

  /** the error from the database or the connection */
  async function trouble(): Promise<Error | null> {
    try {
      await pool.query('SELECT')
      return null
    } catch (error) {
      return errorOf(error)
    }
  }

  /** why it did not start, if known */
  async function revived(): Promise<Error | null> {
    try {
      await options.revive?.()
      return null
    } catch (error) {
      return errorOf(error)
    }
  }

  async function watch(): Promise<void> {
    let [misses, lostAt] = [0, 0]
    for (; !ended.signal.aborted; await delay(everyMs, undefined, { signal: ended.signal }).catch(() => undefined)) {
      const away = await trouble()
      if (ended.signal.aborted) return
      if (away === null && misses >= MISSES) options.onBack(Date.now() - lostAt)
      misses = away === null ? 0 : misses + 1
      if (misses === 1) lostAt = Date.now()
      if (away === null || misses < MISSES) continue
      if (misses === MISSES) options.onLost(away.message)
      const why = (await revived()) ?? away
      if (why instanceof DatabaseGone) return fail(why)
      if (Date.now() - lostAt > limitMs) return fail(new Error(`the database did not come back within ${limitMs / 1000} s: ${why.message}`)) // prettier-ignore
    }
  }

  const watching = watch()
  return {
    failed,
    async stop() {
      ended.abort()
      // a PostgreSQL start may take long; stopping the watch ends it too
      await Promise.race([watching, delay(ANSWER_MS)])
      await pool.end()
    },
  }
}

/** When several addresses refuse, the aggregate error has no message: take the first one's. */
function errorOf(thrown: unknown): Error {
  const [first] = thrown instanceof AggregateError ? thrown.errors : [thrown]
  return first instanceof Error ? first : new Error(String(first))
}
