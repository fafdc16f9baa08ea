/**
 * How well the memory finds sections: recall at 5 by kind of question and language, in a library of both languages and in one of the question's; and how long a search takes
 * among many entries.
 */
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { count, readArguments, refuse } from './arguments.ts'
import { localEmbedder } from '../memory/embedding.ts'
import type { Entry } from '../memory/entry.ts'
import { search } from '../memory/search.ts'
import { forgetAll, openStore, type Store } from '../memory/store.ts'

const section = z.strictObject({ title: z.string(), text: z.string() })
const asked = z.strictObject({ en: z.string(), zh: z.string() })
const topics = z.array(z.strictObject({ en: section, zh: section, ordinary: asked, hard: asked }))
const LANGUAGES = ['en', 'zh'] as const
const KINDS = ['ordinary', 'hard'] as const
const FIRST = 5
const SEARCHES = 200

const usage = `usage: node bench/memory.ts [--entries N] CHROMA_URL

  --entries N  also measure searches among N entries`
const { positionals, values } = readArguments(usage, { allowPositionals: true, options: { entries: { type: 'string' } } }) // prettier-ignore
const url = positionals[0] ?? refuse(usage)
const many = values.entries === undefined ? 0 : count(usage, '--entries', values.entries)
const set = topics.parse(parse(readFileSync(join(import.meta.dirname, 'memory/topics.yaml'), 'utf8')))

const entryOf = (at: number, language: 'en' | 'zh'): Entry => {
  const { title, text } = set[at]![language]
  return { id: `${at}-${language}`, source: 'bench', headings: [title], text, services: [], time: null }
}

async function inStore<T>(work: (store: Store) => Promise<T>): Promise<T> {
  const tenant = `bench ${randomUUID()}`
  try {
    return await work(await openStore(url, tenant, 'runbook_library', localEmbedder))
  } finally {
    await forgetAll(url, tenant, 'runbook_library')
  }
}

async function recallAt5(store: Store, kind: (typeof KINDS)[number], from: 'en' | 'zh', to: 'en' | 'zh') {
  let found = 0
  for (const [at, topic] of set.entries()) {
    const results = await search(new Map([['runbook_library', store]]), { text: topic[kind][from], limit: FIRST })
    if (results.some(({ id }) => id === `${at}-${to}`)) found += 1
  }
  return found / set.length
}

for (const language of LANGUAGES)
  await inStore(async (store) => {
    await store.add(set.map((_, at) => entryOf(at, language)))
    for (const kind of KINDS)
      for (const from of LANGUAGES)
        console.log(`${kind} questions in ${from}, sections in ${language}: recall@5 ${(await recallAt5(store, kind, from, language)).toFixed(2)}`) // prettier-ignore
  })

if (many > 0)
  await inStore(async (store) => {
    const one = (at: number): Entry => {
      const entry = entryOf(at % set.length, LANGUAGES[at % 2]!)
      return { ...entry, id: String(at), text: `${entry.text} Host node-${at}, error ERR-${at % 5000}.` }
    }
    for (let at = 0; at < many; at += 1000) await store.add(Array.from({ length: Math.min(1000, many - at) }, (_, more) => one(at + more))) // prettier-ignore
    const times: number[] = []
    for (let at = 0; at < SEARCHES; at += 1) {
      const topic = set[at % set.length]!
      const began = performance.now()
      await search(new Map([['runbook_library', store]]), { text: topic.ordinary[LANGUAGES[at % 2]!], limit: FIRST })
      times.push(performance.now() - began)
    }
    times.sort((a, b) => a - b)
    const at = (share: number) => times[Math.floor(share * (times.length - 1))]!.toFixed(0)
    console.log(`${many} entries, ${SEARCHES} searches: median ${at(0.5)} ms, p95 ${at(0.95)} ms`)
  })
