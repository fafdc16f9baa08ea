/** A clock that jumps from one timer to the next: a simulated hour takes only as long as its work. */
import { setImmediate as settled } from 'node:timers/promises'
import type { Surroundings } from '../shop/surroundings.ts'

export interface VirtualTime extends Omit<Surroundings, 'random'> {
  /** Resolves when every wait that ends before this instant has run. */
  runUntil(instant: number): Promise<void>
}

interface Waiting {
  at: number
  wake(): void
}

/** `start`: ms since the epoch. Waits for the same instant end in the order they began. */
export function createVirtualTime(start: number): VirtualTime {
  let now = start
  /** sorted, the next one last */
  const waiting: Waiting[] = []
  const wait = (ms: number): Promise<void> =>
    new Promise((wake) => {
      const at = now + ms
      waiting.splice(placeOf(at, waiting), 0, { at, wake })
    })
  return {
    now: () => now,
    wait,
    every: (ms, work) => {
      let isOver = false
      const next = (): void => void wait(ms).then(() => isOver || (work(), next()))
      next()
      return () => {
        isOver = true
      }
    },
    runUntil: async (instant) => {
      for (let next = waiting.at(-1); next !== undefined && next.at < instant; next = waiting.at(-1)) {
        waiting.pop()
        now = next.at
        next.wake()
        await settled() // finish promises that depend on it before the clock moves on
      }
      now = instant
    },
  }
}

/** The index that keeps the list sorted, before waits for the same instant. */
function placeOf(at: number, waiting: readonly Waiting[]): number {
  let [low, high] = [0, waiting.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (waiting[middle]!.at > at) low = middle + 1
    else high = middle
  }
  return low
}
