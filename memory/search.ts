/** Finds entries by meaning, by words and to the letter, and ranks them by all three. */
import MiniSearch from 'minisearch'
import type { CollectionName, Entry, Found } from './entry.ts'
import type { Store } from './store.ts'
import { exactWordsOf, wordsOf } from './words.ts'

/** Entries that are ranked, by vectors and for each exact word. */
const CANDIDATES = 50
const MOST_EXACT_WORDS = 8
/** Of reciprocal rank fusion (Cormack, Clarke, Büttcher, 2009). */
const K = 60

export interface Question {
  text: string
  limit: number
  /** only entries about it */
  service?: string
  /** further words that are looked for to the letter */
  names?: readonly string[]
}

/** Best first. */
export async function search(
  stores: ReadonlyMap<CollectionName, Store>,
  { text, limit, service, names = [] }: Question,
): Promise<Found[]> {
  const exactWords = [...new Set([...names, ...exactWordsOf(text)])].slice(0, MOST_EXACT_WORDS)
  const found = await Promise.all(
    [...stores].map(async ([collection, store]) => {
      const { near, exact } = await store.candidates(text, exactWords, CANDIDATES, service)
      return { near: near.map((one) => ({ ...one, collection })), exact: exact.map((one) => ({ ...one, collection })) }
    }),
  )
  const [near, exact] = [found.flatMap((one) => one.near), found.flatMap((one) => one.exact)]
  const all = new Map([...near, ...exact].map((one) => [one.id, one]))
  const rankings = [byRank(found.map((one) => one.near)), byWords(text, [...all.values()]), byExactWords(exactWords, [...all.values()])] // prettier-ignore
  const highest = rankings.filter((ranks) => ranks.size > 0).length / (K + 1)
  const scoreOf = (id: string): number =>
    rankings.reduce((sum, ranks) => sum + (ranks.has(id) ? 1 / (K + (ranks.get(id) ?? 0)) : 0), 0) / highest
  return [...all.values()]
    .map((one) => ({ ...one, score: scoreOf(one.id) }))
    .sort((a, b) => b.score - a.score)
    .slice(0, limit)
}

/** Rank by id, 1 the best; equals share the best of their ranks. */
type Ranks = ReadonlyMap<string, number>

/** The distances of different collections are not compared, only their ranks. */
const byRank = (lists: readonly (readonly Entry[])[]): Ranks =>
  new Map(lists.flatMap((list) => list.map(({ id }, at) => [id, at + 1] as const)))

/** BM25 among the candidates. */
function byWords(question: string, candidates: readonly Entry[]): Ranks {
  const index = new MiniSearch<{ id: string; title: string; text: string }>({
    ...{ fields: ['title', 'text'], tokenize: wordsOf, searchOptions: { boost: { title: 2 }, tokenize: wordsOf } },
  })
  index.addAll(candidates.map(({ id, headings, text }) => ({ id, title: headings.join('\n'), text })))
  return new Map(index.search(question).map(({ id }, at) => [String(id), at + 1]))
}

/** By how many of the exact words they hold. */
function byExactWords(words: readonly string[], candidates: readonly Entry[]): Ranks {
  const held = candidates.map(({ id, headings, text }) => {
    const whole = [...headings, text].join('\n')
    return [id, words.filter((word) => whole.includes(word)).length] as const
  })
  const counts = [...new Set(held.map(([, count]) => count))].sort((a, b) => b - a)
  return new Map(held.filter(([, count]) => count > 0).map(([id, count]) => [id, counts.indexOf(count) + 1]))
}
