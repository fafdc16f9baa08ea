/** What a caller may ask about and decide on: its tenant's services, and no other, whether or not there is another. */
import type { Tenants } from '../../tenants/tenants.ts'
import type { Caller } from '../auth/caller.ts'
import { notFound } from '../errors.ts'

interface Question {
  service: string | null
  affected_services: readonly string[]
  namespace: string | null
}

/** The question in the only namespace it can mean. Throws 404 when it names a service of others, or nothing is the caller's to ask about. */
export function ownQuestion<Q extends Question>(tenants: Tenants, { tenant }: Pick<Caller, 'tenant'>, question: Q): Q {
  const owned = tenants.of(tenant)
  const namespace = question.namespace ?? owned.namespace
  const named = [...(question.service === null ? [] : [question.service]), ...question.affected_services]
  if (owned.nothing || !named.every((service) => owned.has(service, namespace))) throw notFound('service')
  return { ...question, namespace }
}

/** Throws 404 when the target belongs to others. */
export function demandOwnTarget(
  tenants: Tenants,
  { tenant }: Pick<Caller, 'tenant'>,
  target: { service: string; namespace: string | null },
): void {
  if (!tenants.of(tenant).has(target.service, target.namespace)) throw notFound('service')
}
