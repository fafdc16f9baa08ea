/** Limits a caller to its tenant's services. Other tenants' services look as if they did not exist. */
import type { Tenants } from '../../tenants/tenants.ts'
import type { Caller } from '../auth/caller.ts'
import { notFound } from '../errors.ts'

interface Question {
  service: string | null
  affected_services: readonly string[]
  namespace: string | null
}

/** Sets the namespace if only one is possible. Throws 404 if the question names another tenant's service, or the tenant owns none. */
export function ownQuestion<Q extends Question>(tenants: Tenants, { tenant }: Pick<Caller, 'tenant'>, question: Q): Q {
  const owned = tenants.of(tenant)
  const namespace = question.namespace ?? owned.namespace
  const named = [...(question.service === null ? [] : [question.service]), ...question.affected_services]
  if (owned.nothing || !named.every((service) => owned.has(service, namespace))) throw notFound('service')
  return { ...question, namespace }
}

/** Throws 404 if the target belongs to another tenant. */
export function demandOwnTarget(
  tenants: Tenants,
  { tenant }: Pick<Caller, 'tenant'>,
  target: { service: string; namespace: string | null },
): void {
  if (!tenants.of(tenant).has(target.service, target.namespace)) throw notFound('service')
}
