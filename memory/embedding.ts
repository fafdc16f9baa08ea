/** Turns texts into vectors. The local way needs no model and no download; a better one is asked over HTTP. */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { wordsOf } from './words.ts'

export interface Embedder {
  /** kept with each collection: vectors of different models cannot be compared */
  model: string
  /** null: known once it has answered */
  dimension: number | null
  /** one vector of length 1 for each text */
  embed(texts: readonly string[]): Promise<number[][]>
}

const DIMENSION = 1024

/**
 * Words and the letter triples within them, hashed to places of a vector. It finds the same words in other forms and other order, in any
 * language; it does not know synonyms.
 */
export const localEmbedder: Embedder = {
  model: 'sre-words-1',
  dimension: DIMENSION,
  embed: async (texts) => texts.map(vectorOf),
}

function vectorOf(text: string): number[] {
  const counts = new Map<string, number>()
  const add = (feature: string, weight: number) => counts.set(feature, (counts.get(feature) ?? 0) + weight)
  for (const word of wordsOf(text)) {
    add(word, 1)
    for (let at = 0; at + 3 <= word.length; at += 1) add(`#${word.slice(at, at + 3)}`, 1 / word.length)
  }
  const vector = new Array<number>(DIMENSION).fill(0)
  for (const [feature, count] of counts) {
    const hash = createHash('md5').update(feature).digest().readUInt32LE()
    const place = hash % DIMENSION
    vector[place] = (vector[place] ?? 0) + (hash >= 2 ** 31 ? 1 : -1) * Math.log1p(count)
  }
  return unit(vector)
}

/** A text without words has no direction: any one will do, and it is near to nothing. */
function unit(vector: readonly number[]): number[] {
  const length = Math.hypot(...vector)
  if (length === 0) return vector.map((_, at) => (at === 0 ? 1 : 0))
  return vector.map((one) => one / length)
}

export interface RemoteOptions {
  /** base of an OpenAI-compatible API, such as http://127.0.0.1:11434/v1 */
  url: string
  model: string
  key?: string | undefined
}

export class EmbeddingError extends Error {
  override readonly name = 'EmbeddingError'
}

const LIMIT_MS = 60_000
const answer = z.object({ data: z.array(z.object({ index: z.int().nonnegative(), embedding: z.array(z.number()).min(1) })) }) // prettier-ignore

/** `POST {url}/embeddings`. Throws an `EmbeddingError` that says what the server answered, without the key. */
export function remoteEmbedder({ url, model, key }: RemoteOptions): Embedder {
  const endpoint = `${url.replace(/\/+$/, '')}/embeddings`
  const embed = async (texts: readonly string[]): Promise<number[][]> => {
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(key === undefined ? {} : { authorization: `Bearer ${key}` }) },
      body: JSON.stringify({ model, input: texts }),
      signal: AbortSignal.timeout(LIMIT_MS),
    }).catch((error: unknown) => {
      const { cause = error } = error instanceof Error ? error : {}
      throw new EmbeddingError(
        `${endpoint} cannot be reached: ${cause instanceof Error ? cause.message : String(cause)}`,
      )
    })
    if (!response.ok) throw new EmbeddingError(`${endpoint} answered ${response.status}: ${(await response.text()).slice(0, 200)}`) // prettier-ignore
    const parsed = answer.safeParse(await response.json().catch(() => null))
    if (!parsed.success) throw new EmbeddingError(`${endpoint} did not answer as the OpenAI API does: data[].embedding is missing`) // prettier-ignore
    const vectors = parsed.data.data.toSorted((a, b) => a.index - b.index).map(({ embedding }) => unit(embedding))
    const lengths = new Set(vectors.map(({ length }) => length))
    if (vectors.length !== texts.length || lengths.size > 1)
      throw new EmbeddingError(`${endpoint} answered ${vectors.length} vectors of ${lengths.size} lengths for ${texts.length} texts`) // prettier-ignore
    return vectors
  }
  return { model, dimension: null, embed }
}
