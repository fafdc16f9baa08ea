/** Seeded random choices for generating inputs. */
import { randomFrom } from '../rankings/measures.ts'

export interface Chance {
  /** in [0, 1) */
  next(): number
  /** a whole number in [0, limit) */
  below(limit: number): number
  /** true with this probability */
  one(share: number): boolean
  pick<T>(of: readonly T[]): T
  bytes(length: number): Buffer
}

export function chanceFrom(seed: number): Chance {
  const next = randomFrom(seed)
  const below = (limit: number) => Math.floor(next() * limit)
  return {
    next,
    below,
    one: (share) => next() < share,
    pick: (of) => of[below(of.length)]!,
    bytes: (length) => Buffer.from(Uint8Array.from({ length }, () => below(256))),
  }
}

/** Distant seeds for neighbouring numbers, so that an input can be reproduced without those before it. */
export const seedOf = (seed: number, number: number): number =>
  (Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(number + 1, 0x85ebca6b)) >>> 0
