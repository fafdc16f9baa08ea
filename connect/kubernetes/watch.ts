/** Lists one collection and watches it from there on. An object counts as seen only once it was handled, so none is lost. */
import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'
import { messageOf } from '../../bus/bus.ts'
import { type Cluster, ClusterError } from './cluster.ts'

export interface Watched {
  cluster: Cluster
  /** such as /apis/apps/v1/replicasets */
  path: string
  signal: AbortSignal
  /** The whole collection, at the start and after the server has forgotten the position. Retried until it returns. */
  listed(objects: readonly unknown[]): Promise<void>
  /** One object that was added or changed, or is gone. Retried until it returns. */
  changed(object: unknown, isGone: boolean): Promise<void>
  /** null: it works (again) */
  tell(fault: Error | null): void
}

const PAGE = 500
/** The server ends a watch after this time; it then continues from its position. */
const WATCH_S = 300
const GRACE_MS = 30_000
const FIRST_DELAY_MS = 500
const LONGEST_DELAY_MS = 30_000
const GONE = 410

const list = z.looseObject({
  metadata: z.looseObject({ resourceVersion: z.string(), continue: z.string().optional() }),
  items: z.array(z.unknown()),
})
const event = z.looseObject({
  type: z.string(),
  object: z.looseObject({
    metadata: z.looseObject({ resourceVersion: z.string().optional() }).optional(),
    code: z.number().optional(),
    message: z.string().optional(),
  }),
})

/** Ends with the signal only. */
export async function watchCollection(watched: Watched): Promise<void> {
  const { signal, tell } = watched
  let version: string | null = null
  let delayMs = FIRST_DELAY_MS
  const moved = (to: string) => {
    version = to
    delayMs = FIRST_DELAY_MS
    tell(null)
  }
  while (!signal.aborted) {
    try {
      if (version === null) moved(await listAll(watched))
      else await watchFrom(watched, version, moved)
    } catch (error) {
      if (signal.aborted) return
      if (error instanceof ClusterError && error.status === GONE) version = null
      else tell(error instanceof Error ? error : new Error(messageOf(error)))
      await wait(delayMs, undefined, { signal }).catch(() => undefined)
      delayMs = Math.min(LONGEST_DELAY_MS, delayMs * 2)
    }
  }
}

/** Returns the position of the list. */
async function listAll({ cluster, path, signal, listed }: Watched): Promise<string> {
  const objects: unknown[] = []
  let page: string | undefined
  for (;;) {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(GRACE_MS)])
    const { metadata, items } = list.parse(await cluster.get(path, { limit: PAGE, continue: page }, limit))
    objects.push(...items)
    page = metadata.continue || undefined
    if (page !== undefined) continue
    await listed(objects)
    return metadata.resourceVersion
  }
}

async function watchFrom(watched: Watched, from: string, moved: (to: string) => void): Promise<void> {
  const { cluster, path, signal, changed } = watched
  // a connection that died without notice would stay silent forever
  const limit = AbortSignal.any([signal, AbortSignal.timeout(WATCH_S * 1000 + GRACE_MS)])
  const query = { resourceVersion: from, allowWatchBookmarks: 'true', timeoutSeconds: WATCH_S }
  for await (const document of cluster.watch(path, query, limit)) {
    const { type, object } = event.parse(document)
    if (type === 'ERROR') throw new ClusterError(object.code ?? 500, object.message ?? `the watch of ${path} failed`)
    if (type !== 'BOOKMARK') await changed(object, type === 'DELETED')
    const version = object.metadata?.resourceVersion
    if (version !== undefined) moved(version)
  }
}
