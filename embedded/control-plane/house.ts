/** Dependencies shared by all parts of the control-plane. */
import type { Pool } from 'pg'
import type { Logger } from 'pino'
import type { Bus } from '../../bus/bus.ts'
import type { Tenants } from '../../tenants/tenants.ts'
import type { ManagedServices } from './managed-services.ts'
import type { Outbox } from './outbox.ts'

export interface House {
  pool: Pool
  bus: Bus
  outbox: Outbox
  managed: ManagedServices
  clock(): number
  log: Logger
  /** this control-plane as a requester, as <issuer>|<subject> */
  identity: string
  /** which tenant owns which services */
  tenants: Tenants
  namespace: string
}
