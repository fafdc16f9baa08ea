/** Clock and random numbers of the shop: the machine's, or those of a seeded simulation. */
import { setTimeout as delay } from 'node:timers/promises'

export interface Surroundings {
  /** ms since the epoch */
  now(): number
  wait(ms: number): Promise<unknown>
  /** returns a stop function */
  every(ms: number, work: () => void): () => void
  /** in [0, 1) */
  random(): number
}

export const machine: Surroundings = {
  now: Date.now,
  wait: (ms) => delay(ms),
  every: (ms, work) => {
    const timer = setInterval(work, ms)
    return () => clearInterval(timer)
  },
  random: Math.random,
}
