/** The only place that decides which services belong to which tenant. A service assigned to no tenant belongs to none. */
import { matchesPattern } from './pattern.ts'

export type ScopedSource = 'prometheus' | 'loki' | 'traces'

/** What one tenant has. Patterns are names with `*` for any characters. */
export interface Belongings {
  /** services; absent: every one of the namespaces */
  services?: readonly string[] | undefined
  /** absent: any namespace, known or not */
  namespaces?: readonly string[] | undefined
  /** X-Scope-OrgID for this tenant's questions, by source; absent: that of the source */
  scopes?: Readonly<Partial<Record<ScopedSource, string | undefined>>> | undefined
}

/** What one tenant may ask about and act on. */
export interface Owned {
  tenant: string
  /** `namespace` null: not told, which is enough only where a name alone says whose a service is. */
  has(service: string, namespace: string | null): boolean
  /** a name alone does not say whose a service is */
  byNamespace: boolean
  /** the namespace of a question that names none, where there is only one it can be */
  namespace: string | null
  /** nothing at all */
  nothing: boolean
}

export interface Tenants {
  /** Of a tenant nobody configured: nothing. */
  of(tenant: string): Owned
  /** The tenant that has it, the first of several that share it; null: nobody has. */
  ownerOf(service: string, namespace: string | null): string | null
  /** X-Scope-OrgID by tenant, where one was given */
  scopesOf(source: ScopedSource): ReadonlyMap<string, string>
}

/** A service that several tenants name is shared by them. */
export function createTenants(belongings: ReadonlyMap<string, Belongings>): Tenants {
  const known = new Map([...belongings].map(([tenant, one]) => [tenant, ownedBy(tenant, one)]))
  return {
    of: (tenant) => known.get(tenant) ?? nothingOf(tenant),
    ownerOf: (service, namespace) => [...known.values()].find((one) => one.has(service, namespace))?.tenant ?? null,
    scopesOf: (source) =>
      new Map([...belongings].flatMap(([tenant, { scopes }]) => (scopes?.[source] === undefined ? [] : [[tenant, scopes[source]]]))), // prettier-ignore
  }
}

/** An installation without tenants: everybody is of `default`, which has everything; any other tenant has nothing. */
export const singleTenant: Tenants = createTenants(new Map([['default', { services: ['*'] }]]))

function ownedBy(tenant: string, { services = ['*'], namespaces }: Belongings): Owned {
  const within = (patterns: readonly string[], name: string) => patterns.some((one) => matchesPattern(one, name))
  const [only, ...others] = namespaces ?? []
  return {
    tenant,
    has: (service, namespace) =>
      within(services, service) && (namespaces === undefined || (namespace !== null && within(namespaces, namespace))),
    byNamespace: namespaces !== undefined,
    namespace: only === undefined || others.length > 0 || only.includes('*') ? null : only,
    nothing: false,
  }
}

const nothingOf = (tenant: string): Owned => ({
  ...{ tenant, has: () => false, byNamespace: false, namespace: null, nothing: true },
})
