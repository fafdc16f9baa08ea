/** Background work that must be finished: retried while the database is down, until it is stopped. */
import pRetry from 'p-retry'
import type { Logger } from 'pino'

export interface Background {
  /** `work` must be idempotent; what is unfinished at a stop continues at the next start */
  run(what: Record<string, string>, work: () => Promise<unknown>): void
  /** stops retrying and waits for running attempts; idempotent */
  stop(): Promise<void>
}

export function createBackground(log: Logger): Background {
  const underWay = new Set<Promise<unknown>>()
  const stopping = new AbortController()
  return {
    run: (what, work) => {
      let attempt: Promise<unknown> = Promise.resolve()
      const done = pRetry(() => (attempt = work()), {
        retries: Number.POSITIVE_INFINITY,
        minTimeout: 500,
        maxTimeout: 5_000,
        signal: stopping.signal,
        onFailedAttempt: ({ error }) => log.warn({ ...what, error: error.message }, 'interrupted; will be retried'),
      })
        .catch((error: unknown) => log.error({ ...what, error: String(error) }, 'left for the next start'))
        // retrying stops at once; a running attempt is awaited
        .then(() => attempt.catch(() => undefined))
        .finally(() => underWay.delete(done))
      underWay.add(done)
    },
    stop: async () => {
      stopping.abort()
      await Promise.all(underWay)
    },
  }
}
