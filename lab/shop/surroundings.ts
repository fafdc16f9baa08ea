/** Time and chance as the shop meets them: those of the machine, or those of whoever replays it from a seed. */
import { setTimeout as delay } from 'node:timers/promises'

export interface Surroundings {
  /** ms since the epoch */
  now(): number
  wait(ms: number): Promise<unknown>
  /** returns what ends it */
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

/** Time a data store behind a service takes, ms, with its natural spread. */
export const storeTime =
  ({ wait, random }: Surroundings) =>
  (ms: number): Promise<unknown> =>
    wait(ms * (0.7 + 0.6 * random()))
