/** Generated secrets and text around them, seeded. None is real, and none appears complete in this file. */
import { randomFrom } from '../rankings/measures.ts'

const LETTERS = 'abcdefghijklmnopqrstuvwxyz'
const ALPHABETS = {
  hex: '0123456789abcdef',
  digit: '0123456789',
  upper: `${LETTERS.toUpperCase()}234567`,
  word: `${LETTERS}${LETTERS.toUpperCase()}0123456789`,
  wide: `${LETTERS}${LETTERS.toUpperCase()}0123456789_-`,
} as const

export interface Draw {
  of(alphabet: keyof typeof ALPHABETS, length: number): string
  pick<T>(list: readonly T[]): T
  /** a password as people and generators make them, without characters that would end it in the given notation */
  password(): string
  uuid(): string
}

export function drawFrom(seed: number): Draw {
  const random = randomFrom(seed)
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!
  const of = (alphabet: keyof typeof ALPHABETS, length: number): string =>
    Array.from({ length }, () => pick([...ALPHABETS[alphabet]])).join('')
  return {
    of,
    pick,
    password: () => pick([() => `${pick(['hunter', 'tiger', 'Sommer', 'kaohsiung'])}${of('digit', 3)}`, () => of('word', 14) + of('digit', 2), () => `${of('word', 5)}!${of('word', 4)}#7`, () => `p@${of('word', 7)}1`])(), // prettier-ignore
    uuid: () => [8, 4, 4, 4, 12].map((length) => of('hex', length)).join('-'),
  }
}
