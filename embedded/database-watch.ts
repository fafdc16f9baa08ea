/** Knows while the platform runs whether its database is there, has it started again where that is possible, and gives up in the end. */
import { setTimeout as delay } from 'node:timers/promises'
import { openPool } from '../bus/postgres/pool.ts'

export interface DatabaseNews {
  /** told once, with what the database, or the way to it, said */
  onLost(why: string): void
  /** told once it answers again, with the ms it was away */
  onBack(awayMs: number): void
}

export interface DatabaseWatchOptions extends DatabaseNews {
  url: string
  /** starts it again; absent: it is somebody else's, and is waited for */
  revive?: () => Promise<void>
  everyMs?: number
  /** how long it may be away, ms; default a minute */
  limitMs?: number
}

export interface DatabaseWatch {
  /** settles when it was away for too long */
  failed: Promise<Error>
  stop(): Promise<void>
}

/** It cannot come back: nothing is waited for. */
export class DatabaseGone extends Error {
  override readonly name = 'DatabaseGone'
}

const ANSWER_MS = 5000
/** A busy machine may be late once. */
const MISSES = 2

export function watchDatabase(options: DatabaseWatchOptions): DatabaseWatch {
  const { url, everyMs = 1000, limitMs = 60_000 } = options
  const pool = openPool({ connectionString: url, max: 1, connectionTimeoutMillis: ANSWER_MS, query_timeout: ANSWER_MS })
  const { promise: failed, resolve: fail } = Promise.withResolvers<Error>()
  const ended = new AbortController()

  /** what the database, or the way to it, said */
  async function trouble(): Promise<Error | null> {
    try {
      await pool.query('SELECT')
      return null
    } catch (error) {
      return errorOf(error)
    }
  }

  /** why it did not start, where that is better known than that it is away */
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
      // PostgreSQL that is being started may take its time: whoever stops it ends that too
      await Promise.race([watching, delay(ANSWER_MS)])
      await pool.end()
    },
  }
}

/** Of a refused connection to several addresses the first says it: together they have no message. */
function errorOf(thrown: unknown): Error {
  const [first] = thrown instanceof AggregateError ? thrown.errors : [thrown]
  return first instanceof Error ? first : new Error(String(first))
}
