import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { formatSSEEvent } from '@a2a-js/sdk'

interface Options {
  everyMs: number
  onError(error: unknown): string
}

/** Server-sent events of a stream whose first value is known, with a comment after each `everyMs` without one. */
export function serverSentEvents(
  first: IteratorResult<unknown, unknown>,
  rest: AsyncIterator<unknown>,
  options: Options,
): Readable {
  const events = Readable.from(textsOf(first, rest, options))
  // what it follows is let go of even if the client left before anything was read, when no `finally` of a generator runs
  return events.once('close', () => void rest.return?.()?.catch(() => undefined))
}

async function* textsOf(
  first: IteratorResult<unknown, unknown>,
  rest: AsyncIterator<unknown>,
  { everyMs, onError }: Options,
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
