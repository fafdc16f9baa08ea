/** Follows a cluster: rollouts of Deployments, and syncs of Argo CD where it is installed. Reads only. */
import { setTimeout as wait } from 'node:timers/promises'
import type { Logger } from 'pino'
import { isOutside, messageOf } from '../../bus/bus.ts'
import type { Change } from '../change.ts'
import type { Mapping } from '../mapping.ts'
import type { Recorder, Source } from '../recorder.ts'
import { syncs } from './applications.ts'
import { type Cluster, ClusterError } from './cluster.ts'
import type { Kind } from './kind.ts'
import { rollouts } from './replica-sets.ts'
import { watchCollection } from './watch.ts'

export interface FollowOptions {
  cluster: Cluster
  /** absent: all */
  namespaces: readonly string[] | undefined
  mapping: Mapping
  recorder: Recorder
  log: Logger
  /** older changes are not recorded */
  keepMs: number
}

export interface Following {
  /** why something is not being read; null: all of it is */
  unhealthy(): string | null
  stop(): Promise<void>
}

const LONGEST_DELAY_MS = 30_000

export function followCluster(options: FollowOptions): Following {
  const { namespaces } = options
  const stopping = new AbortController()
  const faults = new Map<string, string>()
  const places = namespaces === undefined ? [''] : namespaces.map((one) => `namespaces/${encodeURIComponent(one)}/`)
  const following = { ...options, signal: stopping.signal, faults }
  const running = places.flatMap((place) => [
    follow(following, 'kubernetes', `/apis/apps/v1/${place}replicasets`, rollouts()),
    follow(following, 'argocd', `/apis/argoproj.io/v1alpha1/${place}applications`, syncs()),
  ])
  return {
    unhealthy: () => [...faults.values()][0] ?? null,
    async stop() {
      stopping.abort()
      await Promise.all(running)
    },
  }
}

interface Followed extends FollowOptions {
  signal: AbortSignal
  /** by path */
  faults: Map<string, string>
}

function follow<Read>(followed: Followed, source: Source, path: string, kind: Kind<Read>): Promise<void> {
  const { cluster, signal, mapping, recorder, log, faults } = followed
  faults.set(path, 'not read yet')
  const readable = (object: unknown): Read[] => {
    try {
      const read = kind.read(object, mapping)
      return read === null ? [] : [read]
    } catch (error) {
      recorder.count(source, 'refused')
      log.warn({ path, reason: messageOf(error) }, 'an object of the API server could not be read')
      return []
    }
  }
  return watchCollection({
    ...{ cluster, path, signal },
    listed: (objects) => record(followed, source, kind.changes(objects.flatMap(readable), true)),
    async changed(object, isGone) {
      const [read] = readable(object)
      if (read === undefined) return
      if (isGone) kind.gone(read)
      else await record(followed, source, kind.changes([read], false))
    },
    tell(fault) {
      const why = fault === null || isAbsent(source, fault) ? null : messageOf(fault)
      if (why === (faults.get(path) ?? null)) return
      if (why === null) faults.delete(path)
      else faults.set(path, why)
      if (why === null) log.info({ path }, 'the API server is being read')
      else log.error({ path, reason: why }, 'the API server cannot be read; will be retried')
    },
  })
}

/** A cluster without Argo CD. */
const isAbsent = (source: Source, fault: Error): boolean =>
  source === 'argocd' && fault instanceof ClusterError && fault.status === 404

/** Retries until the bus accepts them: only then does the watch move on. */
async function record(followed: Followed, source: Source, changes: readonly Change[]): Promise<void> {
  const { keepMs, signal } = followed
  const oldest = Date.now() - keepMs
  for (const change of changes.filter(({ at }) => at > oldest))
    for (let delayMs = 500; !signal.aborted; delayMs = Math.min(LONGEST_DELAY_MS, 2 * delayMs)) {
      if (await isSettled(followed, source, change)) break
      await wait(delayMs, undefined, { signal }).catch(() => undefined)
    }
}

/** False: retry. */
async function isSettled({ recorder, log }: Followed, source: Source, change: Change): Promise<boolean> {
  const about = { change: change.id, service: change.service }
  try {
    await recorder.record([change])
    recorder.count(source, 'recorded')
    log.info(about, 'change recorded')
    return true
  } catch (error) {
    const again = isOutside(error)
    recorder.count(source, again ? 'unavailable' : 'refused')
    if (again) log.error({ ...about, error: messageOf(error) }, 'the bus did not take a change; will be retried')
    else log.warn({ ...about, reason: messageOf(error) }, 'a change could not be recorded')
    return !again
  }
}
