import { setTimeout as sleep } from 'node:timers/promises'
import { formatSSEEvent } from '@a2a-js/sdk'

/** Server-sent events of a stream whose first value is known, with a comment after each `everyMs` without one. */
export async function* serverSentEvents(
  first: IteratorResult<unknown, unknown>,
  rest: AsyncIterator<unknown>,
  { everyMs, onError }: { everyMs: number; onError(error: unknown): string },
): AsyncGenerator<string> {
  try {
    let next = first
    while (next.done !== true) {
      yield formatSSEEvent(next.value)
      const coming = rest.next()
      for (;;) {
        const arrived = await orAfter(everyMs, coming)
        if (arrived === null) yield ': still here\n\n'
        else {
          next = arrived
          break
        }
      }
    }
  } catch (error) {
    yield onError(error)
  } finally {
    // ends what it waits for, when the client left
    void rest.return?.()
  }
}

/** null: it took longer */
async function orAfter<T>(ms: number, coming: Promise<T>): Promise<T | null> {
  const stop = new AbortController()
  const slow = sleep(ms, null, { signal: stop.signal }).catch(() => null)
  try {
    return await Promise.race([coming, slow])
  } finally {
    stop.abort()
  }
}
