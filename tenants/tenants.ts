/** The only place that decides which services belong to which tenant. A service assigned to no tenant belongs to none. */
import { matchesPattern } from './pattern.ts'

export type ScopedSource = 'prometheus' | 'loki' | 'traces'

/** What one tenant owns. Patterns are names with `*` for any characters. */
export interface Belongings {
  /** services; absent: all in the namespaces */
  services?: readonly string[] | undefined
  /** absent: any namespace, known or not */
  namespaces?: readonly string[] | undefined
  /** X-Scope-OrgID for this tenant's queries, by source; absent: the source's own */
  scopes?: Readonly<Partial<Record<ScopedSource, string | undefined>>> | undefined
}

/** What one tenant may query and act on. */
export interface Owned {
  tenant: string
  /** `namespace` null: unknown; allowed only if names alone identify the owner. */
  has(service: string, namespace: string | null): boolean
  /** a name alone does not identify the owner */
  byNamespace: boolean
  /** namespace of a request that names none, if there is only one possible */
  namespace: string | null
  /** owns nothing */
  nothing: boolean
}

export interface Tenants {
  /** every configured tenant */
  all: readonly Owned[]
  /** An unconfigured tenant owns nothing. */
  of(tenant: string): Owned
  /** The owning tenant, the first one if it is shared; null: nobody. */
  ownerOf(service: string, namespace: string | null): string | null
  /** X-Scope-OrgID by tenant, where configured */
  scopesOf(source: ScopedSource): ReadonlyMap<string, string>
}

/** A service named by several tenants is shared. */
export function createTenants(belongings: ReadonlyMap<string, Belongings>): Tenants {
  const known = new Map([...belongings].map(([tenant, one]) => [tenant, ownedBy(tenant, one)]))
  return {
    all: [...known.values()],
    of: (tenant) => known.get(tenant) ?? nothingOf(tenant),
    ownerOf: (service, namespace) => [...known.values()].find((one) => one.has(service, namespace))?.tenant ?? null,
    scopesOf: (source) =>
      new Map([...belongings].flatMap(([tenant, { scopes }]) => (scopes?.[source] === undefined ? [] : [[tenant, scopes[source]]]))), // prettier-ignore
  }
}

/** Without tenants, everyone belongs to `default`, which owns everything; any other tenant owns nothing. */
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
