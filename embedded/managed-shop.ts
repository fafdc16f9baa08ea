/** The lab's services with the small control-plane that manages them, within the platform or as its own process. */
import { join } from 'node:path'
import type { Logger } from 'pino'
import type { Forget } from '../agents/runtime/retention.ts'
import type { Bus } from '../bus/bus.ts'
import { openPool } from '../bus/postgres/pool.ts'
import { type Lab, startLab } from '../lab/lab.ts'
import type { Tenants } from '../tenants/tenants.ts'
import { createControlPlane, type ControlPlaneOptions, prepareControlPlane } from './control-plane/control-plane.ts'
import { forgetTold } from './control-plane/retention.ts'
import { refusedPort } from './ports.ts'

export interface ManagedShopOptions extends Pick<ControlPlaneOptions, 'machines' | 'agents' | 'people'> {
  dataDir: string
  databaseUrl: string
  bus: Bus
  issuerUrl: string
  /** `aud` of tokens the control-plane accepts */
  audience: string
  tenants: Tenants
  log: Logger
  /** port of the control-plane; default: a free one */
  port?: number
  onStarted?(part: string): void
  /** functions that stop each started part; call the last one first */
  ends: (() => Promise<unknown>)[]
}

export interface ManagedShop {
  lab: Lab
  controlPlaneUrl: string
  /** what to delete when it is old */
  forget: readonly Forget[]
  /** settles when the control-plane's consumer has failed permanently */
  failed: Promise<Error>
  /** why its consumer is stalled; null: it is not */
  unhealthy(): string | null
}

export const NAMESPACE = 'shop'

/** Throws `StartRefused` (`port`). */
export async function startManagedShop(options: ManagedShopOptions): Promise<ManagedShop> {
  const { dataDir, databaseUrl, log, port = 0, onStarted = () => undefined, ends, ...access } = options
  await prepareControlPlane(databaseUrl)
  const lab = await startLab({ dataDir: join(dataDir, 'lab') })
  ends.push(() => lab.close())
  onStarted('shop of five services')
  const pool = openPool({ connectionString: databaseUrl, max: 10 }, (error) =>
    log.warn({ error: error.message }, 'database connection lost'),
  )
  ends.push(() => pool.end())
  const controlPlane = await createControlPlane({
    ...{ ...access, pool, log, namespace: NAMESPACE },
    lab,
    dataDir: join(dataDir, 'control-plane'),
  })
  ends.push(() => controlPlane.stop())
  const controlPlaneUrl = await controlPlane.start(port).catch((error: unknown) => {
    throw refusedPort('control-plane', port, error)
  })
  onStarted('control-plane')
  return {
    lab,
    controlPlaneUrl,
    forget: forgetTold(pool),
    failed: controlPlane.failed,
    unhealthy: controlPlane.unhealthy,
  }
}
