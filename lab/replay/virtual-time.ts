/** A clock that jumps from one timer to the next: a simulated hour takes only as long as its work. */
import { setImmediate as settled } from 'node:timers/promises'
import type { Surroundings } from '../shop/surroundings.ts'

export interface VirtualTime extends Omit<Surroundings, 'random'> {
  /** Returns when all that waited for an instant before this one has had its turn. */
  runUntil(instant: number): Promise<void>
}

interface Waiting {
  at: number
  wake(): void
}

/** `start`: ms since the epoch. What waits for the same instant comes in the order in which it began to wait. */
export function createVirtualTime(start: number): VirtualTime {
  let now = start
  /** the next one last */
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
        await settled() // promises that hang on it are done before anything else is told the time
      }
      now = instant
    },
  }
}

/** Before all that come sooner, behind all that come later. */
function placeOf(at: number, waiting: readonly Waiting[]): number {
  let [low, high] = [0, waiting.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (waiting[middle]!.at > at) low = middle + 1
    else high = middle
  }
  return low
}
