/** The words of an indicator's name, whatever way they are joined: `node_memory_MemFree-bytes` has five. */

const WORD = /[A-Z]+(?![a-z])\d*|[A-Z]?[a-z]+\d*|\d+(?:[a-z]+|[A-Z]+(?![a-z]))?/g

const known = new Map<string, ReadonlySet<string>>()
const MOST = 10_000

/** In small letters, a plural as its singular too. Names come again and again: they are taken apart once. */
export function wordsOf(name: string): ReadonlySet<string> {
  const before = known.get(name)
  if (before !== undefined) return before
  const words = (name.match(WORD) ?? []).map((word) => word.toLowerCase())
  const found = new Set(words.flatMap((word) => (/[^s]s$/.test(word) ? [word, word.slice(0, -1)] : [word])))
  if (known.size < MOST) known.set(name, found)
  return found
}

export const lastWordOf = (name: string): string => (name.match(WORD)?.at(-1) ?? '').toLowerCase()

export const setOf = (words: string): ReadonlySet<string> => new Set(words.split(/\s+/))
