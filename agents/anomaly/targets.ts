/** The services to watch, and who calls whom. */
import type { Call } from '../../analysis/watch/watched.ts'
import type { Owned, Tenants } from '../../tenants/tenants.ts'
import type { ControlPlaneTool, Resource } from '../tools/tools.ts'
import type { Target } from './source.ts'

/** What is watched for one tenant. */
export interface Watched {
  targets: readonly Target[]
  /** only between services of the tenant */
  calls: readonly Call[]
  /** null: it has none, or several */
  namespaceOf(service: string): string | null
}

/**
 * By tenant. Tenants with an organization of their own in Prometheus are asked about there. A service that belongs to nobody is not watched, and a shared
 * one is watched for its first owner. Where the services cannot be listed, those of `before` are watched on; `errors`: why.
 */
export async function targetsOf(
  controlPlane: Pick<ControlPlaneTool, 'resources'>,
  tenants: Tenants,
  before: ReadonlyMap<string, Watched>,
  signal: AbortSignal,
): Promise<{ watched: ReadonlyMap<string, Watched>; errors: string[] }> {
  const scopes = tenants.scopesOf('prometheus')
  const watched = new Map<string, Watched>()
  const errors: string[] = []
  for (const sharing of Map.groupBy(tenants.all, ({ tenant }) => scopes.get(tenant)).values()) {
    const answer = await controlPlane.resources({ service: null }, { signal, tenant: sharing[0]!.tenant })
    if (answer.status === 'failed') {
      errors.push(answer.error)
      for (const { tenant } of sharing) if (before.has(tenant)) watched.set(tenant, before.get(tenant)!)
      continue
    }
    const ownerOf = ({ service_name, namespace }: Resource) => sharing.find((one) => one.has(service_name, namespace))
    for (const [owner, resources] of Map.groupBy(answer.data ?? [], ownerOf))
      if (owner !== undefined) watched.set(owner.tenant, watchedBy(owner, resources))
  }
  return { watched, errors }
}

function watchedBy({ tenant, byNamespace }: Owned, resources: readonly Resource[]): Watched {
  const byName = Map.groupBy(resources, ({ service_name }) => service_name)
  const namespacesOf = new Map([...byName].map(([service, same]) => [service, [...new Set(same.map(({ namespace }) => namespace))]])) // prettier-ignore
  const namespaceOf = (service: string): string | null => {
    const [only = null, ...others] = namespacesOf.get(service) ?? []
    return others.length === 0 ? only : null
  }
  return {
    namespaceOf,
    targets: [...namespacesOf].flatMap(([service, namespaces]): Target[] =>
      // without its namespace, another tenant's service of the same name would be measured too
      byNamespace
        ? namespaces.map((namespace) => ({ tenant, service, namespace, strict: true }))
        : [{ tenant, service, namespace: namespaceOf(service), strict: false }],
    ),
    calls: resources.flatMap(({ service_name: from, depends_on }) =>
      (depends_on ?? []).flatMap((to) => (byName.has(to) ? { from, to } : [])),
    ),
  }
}
