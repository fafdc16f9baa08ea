/** What is to be kept out of the announcements about a tenant, from the policy and from what the bus told. */
import type { TimeRange } from '../../analysis/observations.ts'
import type { Exception } from '../../analysis/watch/exceptions.ts'
import type { Watcher } from '../../analysis/watch/watcher.ts'
import { delaysOf } from './deployments.ts'
import { anomalyId } from './events.ts'
import { exceptionsOf, grown } from './kept-out.ts'
import { maintenanceOf } from './maintenance.ts'
import type { Policy } from './policy.ts'
import type { AnomalyStore } from './store.ts'

export interface Excepting {
  store: Pick<AnomalyStore, 'deployments' | 'exceptions' | 'widen'>
  policy: Pick<Policy, 'maintenance' | 'deployments'>
  services: readonly string[]
}

/** Asks once what is in force in `range`, for several watchers of a tenant. */
export async function exceptionsIn(
  tenant: string,
  { start, end }: TimeRange,
  { store, policy: { maintenance, deployments }, services }: Excepting,
): Promise<(watcher: Watcher) => Promise<Exception[]>> {
  const announced = [
    ...maintenanceOf(maintenance, services, { start, end }),
    ...delaysOf(deployments, await store.deployments(tenant, start - deployments.ms)),
  ]
  const told = await store.exceptions(tenant, start)
  /** An expected anomaly is kept out as it is now, not only as it was announced. */
  const expected = async (watcher: Watcher): Promise<Exception[]> => {
    if (told.length === 0) return []
    const open = watcher.open().map(({ id }) => {
      const off = watcher.offIn(id)
      const [names, indicators] = [off.map(({ service }) => service), off.map(({ indicator }) => indicator)]
      return { id: anomalyId(tenant, id), services: [...new Set(names)], indicators: [...new Set(indicators)] }
    })
    const wider = grown(told, open, start)
    for (const one of wider) await store.widen(tenant, one)
    return exceptionsOf(wider.length === 0 ? told : await store.exceptions(tenant, start))
  }
  return async (watcher) => [...announced, ...(await expected(watcher))]
}
