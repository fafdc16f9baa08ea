/**
 * Splits the name of an indicator into words: `node_memory_MemFree-bytes` has five (split at case, digits and punctuation only: the
 * conservative method in Enslen et al., "Mining source code to automatically split identifiers for software analysis", 2009).
 */

const WORD = /[A-Z]+(?![a-z])\d*|[A-Z]?[a-z]+\d*|\d+(?:[a-z]+|[A-Z]+(?![a-z]))?/g

interface Name {
  words: ReadonlySet<string>
  last: string
}

const known = new Map<string, Name>()
const MOST = 10_000

/** Cached, because the same names recur. */
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

/** Lower-case words; a plural is included in its singular form too. */
export const wordsOf = (name: string): ReadonlySet<string> => takenApart(name).words

export const lastWordOf = (name: string): string => takenApart(name).last

export const setOf = (words: string): ReadonlySet<string> => new Set(words.split(/\s+/))
