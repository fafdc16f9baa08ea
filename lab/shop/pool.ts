/** A pool of connections. Who finds none free waits for its turn, for a limited time. */
import type { Surroundings } from './surroundings.ts'

export interface Pool {
  size: number
  used(): number
  waiting(): number
  /** Resolves to the function that gives the connection back. Throws if none becomes free in time. */
  take(): Promise<() => void>
}

export function createPool(
  { wait }: Pick<Surroundings, 'wait'>,
  { size, waitMs }: { size: number; waitMs: number },
): Pool {
  let used = 0
  const waiting = new Set<() => void>()
  const giveBack = (): void => {
    const [next] = waiting
    if (next === undefined) used -= 1
    else {
      waiting.delete(next)
      next()
    }
  }
  async function untilFree(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    waiting.add(resolve)
    await Promise.race([promise, wait(waitMs)])
    // still in the queue: its turn did not come
    if (waiting.delete(resolve)) throw new Error(`no connection to the data store became free within ${waitMs} ms`)
  }
  return {
    size,
    used: () => used,
    waiting: () => waiting.size,
    take: async () => {
      if (used < size) used += 1
      else await untilFree()
      return giveBack
    },
  }
}
