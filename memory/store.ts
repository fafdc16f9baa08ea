/** The collections of one tenant in Chroma. */
import { createHash } from 'node:crypto'
import { ChromaClient, ChromaNotFoundError, type Collection, type Metadata, type Where } from 'chromadb'
import { z } from 'zod'
import { redactText } from '../agents/runtime/redaction.ts'
import type { Embedder } from './embedding.ts'
import { type CollectionName, type Entry, type PastIncident, pastIncident } from './entry.ts'

/** Entries in one request to Chroma and to the embedding model. */
const BATCH = 64
/** Entries in one request that only reads. */
const PAGE = 1000
/** ms for one call: a Chroma that accepts connections and never answers must not hold anyone. */
const LIMIT_MS = 30_000

/** Its message says what to do. */
export class MemoryError extends Error {
  override readonly name = 'MemoryError'
}

export interface Candidates {
  /** nearest first */
  near: Entry[]
  /** with one of the words to the letter */
  exact: Entry[]
}

export interface Store {
  /** Secrets are masked first. Entries that exist already are left as they are. */
  add(entries: readonly Entry[]): Promise<void>
  /** ids by source, of the sources that `belongs` accepts */
  idsOf(belongs: (source: string) => boolean): Promise<Map<string, string[]>>
  get(id: string): Promise<Entry | null>
  forget(ids: readonly string[]): Promise<void>
  candidates(question: string, exactWords: readonly string[], most: number, service?: string): Promise<Candidates>
  count(): Promise<number>
}

const kept = z.looseObject({ source: z.string(), headings: z.string(), services: z.string(), time: z.number().optional(), incident: z.string().optional() }) // prettier-ignore
const names = z.array(z.string())

/**
 * Throws a `MemoryError` if Chroma is away or silent, or if the collection was made with another model. `signal` ends every call of the store; without one, each
 * has 30 s.
 */
export async function openStore(
  url: string,
  tenant: string,
  name: CollectionName,
  embedder: Embedder,
  signal?: AbortSignal,
): Promise<Store> {
  const { client, asked } = reach(url, signal)
  const collection = await open(client, asked, tenant, name, embedder)
  const embed = async (texts: readonly string[]): Promise<number[][]> => {
    const vectors = await embedder.embed(texts)
    await checkDimension(collection, name, vectors[0]?.length ?? 0)
    return vectors
  }
  const pages = async function* (where?: Where) {
    for (let offset = 0; ; offset += PAGE) {
      const page = await asked(() => collection.get({ limit: PAGE, offset, include: ['metadatas'], ...(where && { where }) })) // prettier-ignore
      yield page
      if (page.ids.length < PAGE) return
    }
  }
  return {
    add: async (entries) => {
      for (let from = 0; from < entries.length; from += BATCH) {
        const batch = entries.slice(from, from + BATCH).map(masked)
        const embeddings = await embed(batch.map(wholeText))
        await asked(() => collection.upsert({ ids: batch.map(({ id }) => id), embeddings, documents: batch.map(({ text }) => text), metadatas: batch.map(metadataOf) })) // prettier-ignore
      }
    },
    idsOf: async (belongs) => {
      const found = new Map<string, string[]>()
      for await (const { ids, metadatas } of pages())
        for (const [at, id] of ids.entries()) {
          const { source } = kept.parse(metadatas[at])
          if (belongs(source)) found.set(source, [...(found.get(source) ?? []), id])
        }
      return found
    },
    get: async (id) => {
      const { ids, documents, metadatas } = await asked(() => collection.get({ ids: [id] }))
      return entriesOf(ids, documents, metadatas)[0] ?? null
    },
    forget: async (ids) => {
      for (let from = 0; from < ids.length; from += PAGE)
        await asked(() => collection.delete({ ids: ids.slice(from, from + PAGE) }))
    },
    candidates: async (question, exactWords, most, service) => {
      const where = service === undefined ? {} : { where: { [serviceKey(service)]: true } }
      const queryEmbeddings = await embed([question])
      const [{ ids, documents, metadatas }, ...literal] = await Promise.all([
        asked(() => collection.query({ queryEmbeddings, nResults: most, ...where })),
        ...exactWords.map((word) =>
          asked(() => collection.get({ whereDocument: { $contains: word }, limit: most, ...where })),
        ),
      ])
      return {
        near: entriesOf(ids[0] ?? [], documents[0] ?? [], metadatas[0] ?? []),
        exact: literal.flatMap((one) => entriesOf(one.ids, one.documents, one.metadatas)),
      }
    },
    count: () => asked(() => collection.count()),
  }
}

/** Deletes the whole collection, whatever model it was made with. Returns whether there was one. */
export async function forgetAll(url: string, tenant: string, name: CollectionName): Promise<boolean> {
  const { client, asked } = reach(url)
  return asked(async () => {
    try {
      await client.deleteCollection({ name: collectionName(tenant, name) })
      return true
    } catch (error) {
      if (error instanceof ChromaNotFoundError) return false
      throw error
    }
  })
}

type Asked = <T>(call: () => Promise<T>) => Promise<T>

/** A client, and what runs its calls: a call that is not answered in time ends the client. */
function reach(url: string, signal?: AbortSignal): { client: ChromaClient; asked: Asked } {
  const { hostname, port, protocol, origin } = new URL(url)
  const ssl = protocol === 'https:'
  const late = new AbortController()
  const ended = signal === undefined ? late.signal : AbortSignal.any([signal, late.signal])
  const client = new ChromaClient({ host: hostname, port: Number(port || (ssl ? 443 : 80)), ssl, fetchOptions: { signal: ended } }) // prettier-ignore
  const asked: Asked = async (call) => {
    const timer = setTimeout(() => late.abort(new Error(`no answer within ${LIMIT_MS / 1000} s`)), LIMIT_MS)
    try {
      return await call()
    } catch (error) {
      // the client says only that it could not connect
      const reason: unknown = ended.aborted ? ended.reason : error
      const why = reason instanceof Error ? reason.message : String(reason)
      throw new MemoryError(`Chroma at ${origin} did not answer: ${why}`, { cause: error })
    } finally {
      clearTimeout(timer)
    }
  }
  return { client, asked }
}

async function open(
  client: ChromaClient,
  asked: Asked,
  tenant: string,
  name: CollectionName,
  { model }: Embedder,
): Promise<Collection> {
  const collection = await asked(() =>
    client.getOrCreateCollection({
      name: collectionName(tenant, name),
      metadata: { tenant, model },
      configuration: { hnsw: { space: 'cosine' } },
      // vectors are made here
      embeddingFunction: null,
    }),
  )
  const { model: made } = collection.metadata ?? {}
  if (made !== model) throw new MemoryError(otherModel(name, `the model ${String(made)}, not ${model}`))
  return collection
}

/** Chroma allows letters, digits and `._-` in names; tenants may have others. */
const collectionName = (tenant: string, name: CollectionName): string =>
  `${name}-${createHash('sha256').update(tenant).digest('hex').slice(0, 32)}`

async function checkDimension(collection: Collection, name: CollectionName, dimension: number): Promise<void> {
  const { dimension: made } = collection.metadata ?? {}
  if (made === undefined) await collection.modify({ metadata: { ...collection.metadata, dimension } })
  else if (made !== dimension) throw new MemoryError(otherModel(name, `vectors of ${String(made)} numbers, not ${dimension}`)) // prettier-ignore
}

const otherModel = (name: string, difference: string): string =>
  `${name} was made with ${difference}: configure the former model, or start over with \`sre memory forget --all\` and ingest again`

const masked = (entry: Entry): Entry => ({
  ...entry,
  text: redactText(entry.text).text,
  headings: entry.headings.map((one) => redactText(one).text),
  ...(entry.incident === undefined ? {} : { incident: maskedIncident(entry.incident) }),
})

const maskedIncident = ({ cause, templates, ...incident }: PastIncident): PastIncident => ({
  ...incident,
  cause: { en: redactText(cause.en).text, zh: redactText(cause.zh).text },
  templates: templates.map((one) => redactText(one).text),
})

const wholeText = ({ headings, text }: Entry): string => [...headings, text].join('\n')
const serviceKey = (service: string): string => `service ${service}`

/** Chroma filters by equality only, hence a key for each service. */
const metadataOf = ({ source, headings, services, time, incident }: Entry): Metadata => ({
  ...{ source, headings: JSON.stringify(headings), services: JSON.stringify(services) },
  ...(time === null ? {} : { time }),
  ...(incident === undefined ? {} : { incident: JSON.stringify(incident) }),
  ...Object.fromEntries(services.map((service) => [serviceKey(service), true])),
})

const entriesOf = (
  ids: readonly string[],
  documents: readonly (string | null)[],
  metadatas: readonly unknown[],
): Entry[] =>
  // prettier-ignore
  ids.map((id, at) => {
    const { source, headings, services, time = null, incident } = kept.parse(metadatas[at])
    const lists = { headings: names.parse(JSON.parse(headings)), services: names.parse(JSON.parse(services)) }
    const past = incident === undefined ? {} : { incident: pastIncident.parse(JSON.parse(incident)) }
    return { id, source, text: documents[at] ?? '', time, ...lists, ...past }
  })
