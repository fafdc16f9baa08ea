/** What this process watches: the shards whose leases it has. */
import type { Logger } from 'pino'
import type { Watch } from './begin.ts'
import { SHARDS } from './shards.ts'
import type { AnomalyStore } from './store.ts'

/** How often in the time of a lease a process renews its own, and asks for others. */
export const ASKED = 4

export interface Held {
  /** by shard, then by tenant */
  readonly watches: ReadonlyMap<number, Map<string, Watch>>
  /** Unless it did lately, renews the leases, and takes others or gives some up. False: there is nothing to watch for this process. */
  isHeld(): Promise<boolean>
  release(): Promise<void>
}

export interface HoldingOptions {
  store: Pick<AnomalyStore, 'hold' | 'release'>
  owner: string
  leaseMs: number
  log: Logger
  /** called when other shards are held than before */
  onChange(): void
}

export function holding({ store, owner, leaseMs, log, onChange }: HoldingOptions): Held {
  const watches = new Map<number, Map<string, Watch>>()
  let heldAt = -Infinity

  async function hold(): Promise<boolean> {
    const began = performance.now()
    const leases = await store.hold(owner, leaseMs)
    heldAt = began
    const kept = [...watches.keys()].filter((shard) => leases.get(shard) === 'renewed')
    const isSame = kept.length === watches.size && kept.length === leases.size
    // what another process concluded meanwhile is in the store
    for (const shard of watches.keys()) if (!kept.includes(shard)) watches.delete(shard)
    for (const shard of leases.keys()) if (!watches.has(shard)) watches.set(shard, new Map())
    if (!isSame) {
      log.info({ shards: watches.size, of: SHARDS }, 'watches its share of the services')
      onChange()
    }
    return watches.size > 0
  }

  return {
    watches,
    isHeld: async () => (performance.now() - heldAt < leaseMs / ASKED / 4 ? watches.size > 0 : hold()),
    release: () => store.release(owner),
  }
}
