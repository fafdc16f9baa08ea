import type { DiagnosisRequested } from '../../schemas/events.generated.ts'
import type { Owned } from '../../tenants/tenants.ts'
import type { Refusal } from './result.ts'

/** Why a tenant gets no answer about these services; null: it owns them. Never reveals whether another tenant has them. */
export function foreignTo(
  owned: Owned,
  { service, affected_services, namespace }: Pick<DiagnosisRequested, 'service' | 'affected_services' | 'namespace'>,
): Refusal | null {
  const named = [...(service === null ? [] : [service]), ...affected_services]
  const foreign = named.find((one) => !owned.has(one, namespace))
  if (foreign !== undefined)
    return refusal(foreign, { en: `there is no service ${foreign}`, zh: `沒有服務 ${foreign}` })
  if (!owned.nothing) return null
  return refusal(owned.tenant, {
    en: `tenant ${owned.tenant} has no services`,
    zh: `租戶 ${owned.tenant} 沒有任何服務`,
  })
}

const refusal = (about: string, text: Refusal['text']): Refusal => ({ code: 'not_found', about, text })
