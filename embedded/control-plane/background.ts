/** Work that nobody waits for, and that must be finished all the same: tried again while the database is away, until it is stopped. */
import pRetry from 'p-retry'
import type { Logger } from 'pino'

export interface Background {
  /** `work` is idempotent; what is still failing at the stop is gone on with at the next start */
  run(what: Record<string, string>, work: () => Promise<unknown>): void
  /** ends the trying and waits for what is under way; idempotent */
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
        onFailedAttempt: ({ error }) => log.warn({ ...what, error: error.message }, 'interrupted; tried again'),
      })
        .catch((error: unknown) => log.error({ ...what, error: String(error) }, 'left for the next start'))
        // a stop ends the trying at once; the attempt in hand is waited for
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
