/** Where the memory is, and how texts become vectors. */
import { httpCheck } from '../../agents/tools/checks.ts'
import { createHttp } from '../../agents/tools/http.ts'
import type { ToolCheck } from '../../agents/runtime/status.ts'
import { type Embedder, localEmbedder, remoteEmbedder } from '../../memory/embedding.ts'
import type { Place } from '../../memory/recall.ts'
import type { Config } from '../config.ts'

export function embedderFrom(config: Config): Embedder {
  const { EMBEDDINGS_URL: url, EMBEDDINGS_MODEL: model, EMBEDDINGS_KEY: key } = config
  return url === undefined || model === undefined ? localEmbedder : remoteEmbedder({ url, model, key })
}

/** null: none is configured */
export const memoryFrom = (config: Config): Place | null =>
  config.CHROMA_URL === undefined ? null : { url: config.CHROMA_URL, embedder: embedderFrom(config) }

const LIMIT_MS = 8000

/** Only if one is configured: most have none. */
export const memoryChecks = ({ CHROMA_URL: endpoint }: Config): ToolCheck[] =>
  endpoint === undefined
    ? []
    : [
        httpCheck(
          { tool: 'memory', endpoint, capabilities: ['recall'] },
          (signal) =>
          createHttp({ baseUrl: endpoint, timeoutMs: LIMIT_MS, retries: 0 }).json({ path: 'api/v2/heartbeat' }, { signal }), // prettier-ignore
        ),
      ]
