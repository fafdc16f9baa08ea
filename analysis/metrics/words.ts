/** The words of an indicator's name, whatever way they are joined: `node_memory_MemFree-bytes` has five. */

const WORD = /[A-Z]+(?![a-z])\d*|[A-Z]?[a-z]+\d*|\d+(?:[a-z]+|[A-Z]+(?![a-z]))?/g

interface Name {
  words: ReadonlySet<string>
  last: string
}

const known = new Map<string, Name>()
const MOST = 10_000

/** Names come again and again: they are taken apart once. */
function takenApart(name: string): Name {
  const before = known.get(name)
  if (before !== undefined) return before
  const words = (name.match(WORD) ?? []).map((word) => word.toLowerCase())
  const found = {
    words: new Set(words.flatMap((word) => (/[^s]s$/.test(word) ? [word, word.slice(0, -1)] : [word]))),
    last: words.at(-1) ?? '',
  }
  if (known.size < MOST) known.set(name, found)
  return found
}

/** In small letters, a plural as its singular too. */
export const wordsOf = (name: string): ReadonlySet<string> => takenApart(name).words

export const lastWordOf = (name: string): string => takenApart(name).last

export const setOf = (words: string): ReadonlySet<string> => new Set(words.split(/\s+/))
