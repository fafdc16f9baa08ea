/** What every part of the control-plane is given. */
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
  /** who this control-plane is when it asks, as <issuer>|<subject> */
  identity: string
  /** which of its services are whose */
  tenants: Tenants
  namespace: string
}
