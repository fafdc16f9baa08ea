/** Limits a caller to its tenant's services. The agents serve all tenants and separate them on their own. */
import type { Caller } from './access.ts'
import { ApiError } from './api-error.ts'
import type { House } from './house.ts'
import { refusals } from './texts.ts'

type Tables = 'incidents' | 'alerts' | 'audit_logs' | 'deployments'

export const isOwn = ({ tenants, namespace }: House, caller: Caller, service: string): boolean =>
  caller.agent || tenants.of(caller.tenant).has(service, namespace)

/** Throws 404 for another tenant's service, as for an unknown one. */
export function demandOwn(house: House, caller: Caller, service: string): void {
  if (!isOwn(house, caller, service)) throw new ApiError('RESOURCE_NOT_FOUND', refusals.noSuch.service(service))
}

/** Services of a table that the caller may read; undefined: all. */
export async function ownNamesIn(house: House, caller: Caller, table: Tables): Promise<string[] | undefined> {
  if (caller.agent) return undefined
  const { rows } = await house.pool.query<{ name: string }>(
    `SELECT DISTINCT service_name AS name FROM control_plane.${table}`,
  )
  return rows.map(({ name }) => name).filter((name) => isOwn(house, caller, name))
}
