/**
 * Hashes a pattern such that the hash with one word replaced by a parameter can be computed without building that pattern (Zobrist
 * hashing: "A new hashing method", 1970).
 */
import { PARAMETER } from './words.ts'

export interface Pattern {
  keys: readonly string[]
  /** two 32-bit sums over all positions of the word's hash, mixed with its position */
  one: number
  two: number
  constants: number
}

export function patternOf(keys: readonly string[]): Pattern {
  let [one, two, constants] = [keys.length, keys.length, 0]
  for (let at = 0; at < keys.length; at += 1) {
    const key = keys[at]!
    one = (one + mixed(key, at, 0x01000193)) | 0
    two = (two + mixed(key, at, 0x5bd1e995)) | 0
    if (key !== PARAMETER) constants += 1
  }
  return { keys, one, two, constants }
}

/** A 53-bit hash of the words. */
export const identity = ({ one, two }: Pattern): number => combined(one, two)

/** The identity of this pattern with a parameter at position `at`. */
export function openedAt({ keys, one, two }: Pattern, at: number): number {
  const key = keys[at]!
  return combined(
    one - mixed(key, at, 0x01000193) + mixed(PARAMETER, at, 0x01000193),
    two - mixed(key, at, 0x5bd1e995) + mixed(PARAMETER, at, 0x5bd1e995),
  )
}

/** Number of constants at other positions than `at`. */
export const constantsBeside = ({ keys, constants }: Pattern, at: number): number =>
  constants - (keys[at] === PARAMETER ? 0 : 1)

const combined = (one: number, two: number): number => (one >>> 0) * 2_097_152 + ((two >>> 0) & 0x1fffff)

function mixed(key: string, at: number, prime: number): number {
  let hash = prime ^ Math.imul(at + 1, 0x9e3779b1)
  for (let index = 0; index < key.length; index += 1) hash = Math.imul(hash ^ key.charCodeAt(index), prime)
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b)
  return hash ^ (hash >>> 13)
}
