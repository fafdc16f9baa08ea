/** The services to watch, and who calls whom. */
import type { Call } from '../../analysis/watch/watched.ts'
import type { Tenants } from '../../tenants/tenants.ts'
import type { ControlPlaneTool, Resource } from '../tools/tools.ts'
import type { Target } from './source.ts'

export interface Targets {
  /** by tenant */
  services: ReadonlyMap<string, readonly Target[]>
  calls: ReadonlyMap<string, readonly Call[]>
}

/** Throws if the services cannot be listed: then the known ones are watched on. A service that belongs to nobody is not watched. */
export async function targetsOf(
  controlPlane: ControlPlaneTool,
  tenants: Tenants,
  signal: AbortSignal,
): Promise<Targets> {
  const answer = await controlPlane.resources({ service: null }, { signal })
  if (answer.status === 'failed') throw new Error(answer.error)
  const owned = (answer.data ?? []).flatMap((resource) => {
    const tenant = tenants.ownerOf(resource.service_name, resource.namespace)
    return tenant === null ? [] : [{ tenant, resource }]
  })
  const byTenant = Map.groupBy(owned, ({ tenant }) => tenant)
  const resources = [...byTenant].map(([tenant, all]) => [tenant, all.map(({ resource }) => resource)] as const)
  return {
    services: new Map(resources.map(([tenant, all]) => [tenant, servicesOf(tenant, all)])),
    calls: new Map(resources.map(([tenant, all]) => [tenant, callsOf(all)])),
  }
}

/** A service of the same name in several namespaces is watched as one. */
function servicesOf(tenant: string, resources: readonly Resource[]): Target[] {
  const byName = Map.groupBy(resources, ({ service_name }) => service_name)
  return [...byName].map(([service, same]) => {
    const namespaces = new Set(same.map(({ namespace }) => namespace))
    return { tenant, service, namespace: namespaces.size === 1 ? ([...namespaces][0] ?? null) : null }
  })
}

/** Only between services of the tenant. */
function callsOf(resources: readonly Resource[]): Call[] {
  const known = new Set(resources.map(({ service_name }) => service_name))
  return resources.flatMap(({ service_name: from, depends_on }) =>
    (depends_on ?? []).flatMap((to) => (known.has(to) ? { from, to } : [])),
  )
}
