import { type Embedder, EmbeddingError } from '../../memory/embedding.ts'
import { COLLECTIONS, type CollectionName } from '../../memory/entry.ts'
import { ingest } from '../../memory/ingest.ts'
import { search } from '../../memory/search.ts'
import { RunbookError } from '../../memory/sections.ts'
import { forgetAll, MemoryError, openStore, type Store } from '../../memory/store.ts'
import { chromaBeside } from '../../embedded/chroma.ts'
import { type Config, isSet, readConfig } from '../config.ts'
import { type ClientContext, CommandError } from '../login/context.ts'
import { embedderFrom } from '../serve/memory.ts'
import type { ForgetOptions, MemoryOptions, SearchOptions } from './options.ts'
import { foundLines, wholeLines } from './render.ts'
import { texts } from './texts.ts'

type Stores = ReadonlyMap<CollectionName, Store>

export const ingestPaths = (context: ClientContext, paths: readonly string[], { tenant, json }: MemoryOptions) =>
  told(async () => {
    const { CHROMA_URL: url, embedder } = configOf(context)
    const store = await openStore(url, tenant, 'runbook_library', embedder)
    const progress = (done: number, of: number, source: string) => context.grow([texts.progress(done, of, source)[context.language]]) // prettier-ignore
    const ingested = await ingest(store, { paths, base: process.cwd(), progress })
    context.grow([])
    context.print(json ? JSON.stringify(ingested) : texts.ingested(ingested)[context.language])
  })

export const find = (context: ClientContext, text: string, { tenant, service, limit, json }: SearchOptions) =>
  told(async () => {
    const stores = await storesOf(context, tenant)
    const found = await search(stores, { text, limit, ...(service === undefined ? {} : { service }) })
    if (json) return context.print(JSON.stringify(found))
    if (found.length === 0) return context.note(texts.nothing(await countOf(stores))[context.language])
    for (const line of found.flatMap((one) => foundLines(one, context.language))) context.print(line)
  })

export const showEntry = (context: ClientContext, id: string, { tenant, json }: MemoryOptions) =>
  told(async () => {
    for (const [collection, store] of await storesOf(context, tenant)) {
      const entry = await store.get(id)
      if (entry === null) continue
      const whole = { ...entry, collection }
      return json ? context.print(JSON.stringify(whole)) : wholeLines(whole, context.language).forEach(context.print)
    }
    throw new CommandError(texts.unknown(id))
  })

export const forget = (context: ClientContext, what: readonly string[], { tenant, all, yes, json }: ForgetOptions) =>
  told(async () => {
    if (what.length > 0 === (all === true)) throw new CommandError(texts.whatToForget, { code: 'USAGE', exitCode: 2 })
    if (all) return forgetEverything(context, tenant, { ...(yes && { yes }), ...(json && { json }) })
    const stores = await storesOf(context, tenant)
    const ids = new Map<CollectionName, string[]>()
    const met = new Set<string>()
    for (const [collection, store] of stores) {
      const bySource = await store.idsOf(() => true)
      const known = new Set([...bySource.values()].flat())
      for (const one of what) {
        const those = known.has(one) ? [one] : (bySource.get(one) ?? [])
        if (those.length > 0) met.add(one)
        ids.set(collection, [...(ids.get(collection) ?? []), ...those])
      }
    }
    const missing = what.filter((one) => !met.has(one))
    if (missing.length > 0) throw new CommandError(texts.unknown(missing.join(', ')))
    const count = [...ids.values()].flat().length
    await agreed(context, texts.sure(count)[context.language], yes)
    for (const [collection, those] of ids) await stores.get(collection)?.forget(those)
    context.print(json ? JSON.stringify({ removed: count }) : texts.removed(count)[context.language])
  })

async function forgetEverything(
  context: ClientContext,
  tenant: string,
  { yes, json }: { yes?: boolean; json?: boolean },
) {
  // prettier-ignore
  const { CHROMA_URL: url } = configOf(context)
  await agreed(context, texts.sureOfAll(tenant)[context.language], yes)
  const collections: CollectionName[] = []
  for (const name of COLLECTIONS) if (await forgetAll(url, tenant, name)) collections.push(name)
  context.print(json ? JSON.stringify({ collections }) : texts.removedAll(tenant)[context.language])
}

async function agreed({ askYes }: ClientContext, question: string, yes = false): Promise<void> {
  if (yes) return
  if (askYes === null) throw new CommandError(texts.needsYes)
  if (!(await askYes(question))) throw new CommandError(texts.nothingRemoved)
}

/** Without CHROMA_URL, the Chroma of the platform that runs in the data folder. */
function configOf({ environment, dataDir }: ClientContext): Config<'CHROMA_URL'> & { embedder: Embedder } {
  const url = isSet(environment, 'CHROMA_URL') ? null : chromaBeside(dataDir)
  const config = readConfig(url === null ? environment : { ...environment, CHROMA_URL: url }, ['CHROMA_URL'])
  return { ...config, embedder: embedderFrom(config) }
}

async function storesOf(context: ClientContext, tenant: string): Promise<Stores> {
  const { CHROMA_URL: url, embedder } = configOf(context)
  const opened = COLLECTIONS.map(async (name) => [name, await openStore(url, tenant, name, embedder)] as const)
  return new Map(await Promise.all(opened))
}

const countOf = async (stores: Stores): Promise<number> =>
  (await Promise.all([...stores.values()].map((store) => store.count()))).reduce((sum, count) => sum + count, 0)

async function told<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof RunbookError) throw new CommandError(texts.notIngested, { cause: error, details: error.message.split('\n') }) // prettier-ignore
    if (error instanceof MemoryError || error instanceof EmbeddingError) throw new CommandError(error.message, { cause: error }) // prettier-ignore
    throw error
  }
}
