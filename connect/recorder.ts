/** Publishes changes, each for the tenant that owns its service. */
import { Counter, type Registry } from 'prom-client'
import { type Bus, BusError, messageOf } from '../bus/bus.ts'
import { within } from '../bus/kafka/within.ts'
import type { Tenants } from '../tenants/tenants.ts'
import { type Change, changeRecorded } from './change.ts'
import { Refused } from './refused.ts'

export type Source = 'github' | 'kubernetes' | 'argocd' | 'webhook'
/** `ignored`: no change, such as a queued deployment; `refused`: unusable; `unavailable`: the bus did not take it */
export type Outcome = 'recorded' | 'ignored' | 'refused' | 'unavailable'

export interface Recorder {
  /** Once it returns, the changes are durable. Throws `Refused`, or `BusError` if the bus is down. */
  record(changes: readonly Change[], headers?: Readonly<Record<string, string>>): Promise<void>
  count(source: Source, outcome: Outcome, by?: number): void
}

export function createRecorder(given: { bus: Bus; tenants: Tenants; registry: Registry }): Recorder {
  const { bus, tenants, registry } = given
  const counter = countChanges(registry)
  return {
    async record(changes, headers = {}) {
      const records = await Promise.all(changes.map((change) => encoded(bus, tenants, change, headers)))
      await bus.publish(records).catch((error: unknown) => {
        throw error instanceof BusError && error.code === 'too_large' ? new Refused(413, error.message) : error
      })
    },
    count: (source, outcome, by = 1) => counter.inc({ source, outcome }, by),
  }
}

export const countChanges = (registry: Registry) =>
  new Counter({
    name: 'sre_connect_changes_total',
    help: 'Reports of changes received, by outcome: recorded, ignored (no change yet, or not mapped), refused (unusable), unavailable (the bus did not take it)',
    labelNames: ['source', 'outcome'],
    registers: [registry],
  })

async function encoded(bus: Bus, tenants: Tenants, change: Change, headers: Readonly<Record<string, string>>) {
  const tenant = tenants.ownerOf(change.service, change.namespace)
  if (tenant === null) {
    const where = change.namespace === null ? 'without a namespace' : `in the namespace ${change.namespace}`
    throw new Refused(422, `service: no tenant of SRE_TENANTS_FILE owns ${change.service} ${where}`)
  }
  const encoding = bus.encode('ChangeRecorded', changeRecorded(change, tenant), {
    ce_source: '/sre/connect',
    ...headers,
  })
  return within(ENCODE_MS, encoding, 'the schema registry does not answer').catch(asOutage)
}

/** Schemas are cached after their first use; until then a webhook may wait for the registry. */
const ENCODE_MS = 1700

/** A registry that is down, or that lacks the schema, is not this change's fault. */
function asOutage(error: unknown): never {
  const isOwn = error instanceof BusError && error.code !== 'unknown_schema'
  throw isOwn ? error : new BusError('not_prepared', messageOf(error), { cause: error })
}
