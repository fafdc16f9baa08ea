/** What a shop process works with: a data store behind a pool of connections, a journal, memory. Measured under the names that exporters use. */
import { Gauge, type Registry } from 'prom-client'
import { type Conditions, HEALTHY, type SomeConditions } from './conditions.ts'
import { type Host, MEMORY_LIMIT, type Volume, VOLUME_BYTES } from './host.ts'
import { createPool, type Pool } from './pool.ts'
import type { Surroundings } from './surroundings.ts'

/** Calls the data store, which usually takes about this many ms. Throws if it fails, or if no connection becomes free. */
export type Stored = (ms: number) => Promise<void>

export interface Journal {
  /** Throws `ENOSPC` when its volume is full. */
  add(): Promise<void>
  /** deletes all but the newest entries; resolves to the number deleted */
  prune(newest: number): Promise<number>
}

export interface Equipment {
  stored: Stored
  /** null: the service has no volume */
  journal: Journal | null
  /** call for each request */
  onRequest(): void
  /** the conditions that are given change */
  disturb(conditions: SomeConditions): void
  close(): void
}

export interface EquipmentOptions {
  service: string
  surroundings: Surroundings
  host: Host
  registry: Registry
  /** false: the service has no data store */
  store: boolean
}

const POOL = { size: 10, waitMs: 1_000 }
const COMPUTES_EVERY_MS = 500

export function equip({ service, surroundings, host, registry, store }: EquipmentOptions): Equipment {
  const now: Conditions = { ...HEALTHY }
  const pool = createPool(surroundings, POOL)
  const { volume } = host
  if (store) measurePool(registry, pool)
  if (volume !== null) measureVolume(registry, volume, `data-${service}`)
  gauge(registry, 'container_spec_memory_limit_bytes', 'Memory limit', () => MEMORY_LIMIT)
  let stopComputing = (): void => undefined
  return {
    stored: storedIn(pool, surroundings, now),
    journal: volume === null ? null : journalOn(volume, now),
    onRequest: () => {
      if (now.keptBytes > 0) host.hold(now.keptBytes)
    },
    disturb: (conditions) => {
      Object.assign(now, conditions)
      stopComputing()
      stopComputing =
        now.computingMs > 0
          ? surroundings.every(COMPUTES_EVERY_MS, () => host.compute(now.computingMs))
          : () => undefined
    },
    close: () => stopComputing(),
  }
}

const storedIn =
  (pool: Pool, { wait, random }: Surroundings, now: Conditions): Stored =>
  async (ms) => {
    const giveBack = await pool.take()
    try {
      await wait((ms + now.storeMs) * (0.7 + 0.6 * random()))
      if (now.storeFails > 0 && random() < now.storeFails) throw new Error('the data store did not answer')
    } finally {
      if (now.keptConnections === 0 || random() >= now.keptConnections) giveBack()
    }
  }

const ENTRY_BYTES = 2_048
const ROTATED_AT = 2 ** 20
const ROTATED_TO = 100

function journalOn(volume: Volume, now: Conditions): Journal {
  return {
    add: async () => {
      if (now.entryBytes === 0 && volume.used() > ROTATED_AT) await volume.keep(ROTATED_TO)
      await volume.write(now.entryBytes || ENTRY_BYTES)
    },
    prune: async (newest) => {
      const before = volume.entries()
      await volume.keep(newest)
      return before - volume.entries()
    },
  }
}

/** As OpenTelemetry names them. */
function measurePool(registry: Registry, pool: Pool): void {
  const state = 'db_client_connection_state'
  new Gauge({
    name: 'db_client_connection_count',
    help: 'Connections by state',
    labelNames: [state],
    registers: [registry],
    collect() {
      this.set({ [state]: 'used' }, pool.used())
      this.set({ [state]: 'idle' }, pool.size - pool.used())
    },
  })
  gauge(registry, 'db_client_connection_max', 'Connections at most', () => pool.size)
  gauge(registry, 'db_client_connection_pending_requests', 'Requests that wait for a connection', pool.waiting)
}

/** As the kubelet names them. */
function measureVolume(registry: Registry, volume: Volume, claim: string): void {
  const measured: [string, string, () => number][] = [
    ['capacity', 'Size of the volume', () => VOLUME_BYTES],
    ['used', 'Used bytes of the volume', volume.used],
    ['available', 'Free bytes of the volume', () => VOLUME_BYTES - volume.used()],
  ]
  for (const [what, help, value] of measured)
    gauge(registry, `kubelet_volume_stats_${what}_bytes`, help, value, { persistentvolumeclaim: claim })
}

export function gauge(
  registry: Registry,
  name: string,
  help: string,
  value: () => number,
  labels: Record<string, string> = {},
): void {
  new Gauge({
    ...{ name, help, labelNames: Object.keys(labels), registers: [registry] },
    collect() {
      this.set(labels, value())
    },
  })
}
