/**
 * A frozen database, or a network that drops all packets, closes no connection: a query would wait until TCP times out, far longer than a caller should.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Pool } from 'pg'
import { openPool } from '../bus/postgres/pool.ts'
import { answers, remembered } from '../health/answers.ts'
import { unavailable } from './errors.ts'
import { away } from './present/texts.ts'

/** ms; together below the 2 s within which a request is refused */
const [LOOK_MS, ANSWER_MS] = [1000, 800]

export interface Answering {
  /**
   * The result of `work`. If it takes longer than a second, the database is probed; if that fails too, this throws `unavailable` and aborts the signal, so that
   * a refused request takes no effect when the database recovers.
   */
  within<T>(work: (refused: AbortSignal) => Promise<T>): Promise<T>
  close(): Promise<void>
}

export function watchAnswers(databaseUrl: string): Answering {
  const limits = { connectionTimeoutMillis: ANSWER_MS, query_timeout: ANSWER_MS }
  const pool: Pool = openPool({ connectionString: databaseUrl, max: 1, ...limits })
  const look = remembered(() => answers(() => pool.query('SELECT').then(() => true), ANSWER_MS), 0)
  return {
    async within(work) {
      const refusing = new AbortController()
      const settling = new AbortController()
      const working = work(refusing.signal).finally(() => settling.abort())
      const slow = () => sleep(LOOK_MS, true, { signal: settling.signal }).catch(() => false)
      while (await slow()) {
        if ((await look()) || settling.signal.aborted) continue
        const refusal = unavailable(away.database)
        refusing.abort(refusal)
        working.catch(() => undefined)
        throw refusal
      }
      return working
    },
    close: () => pool.end(),
  }
}
