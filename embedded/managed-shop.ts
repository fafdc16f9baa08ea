/** The small control-plane and the lab's services that it manages: in one process, or the services in another. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Logger } from 'pino'
import type { Forget } from '../agents/runtime/retention.ts'
import type { Bus } from '../bus/bus.ts'
import { openPool } from '../bus/postgres/pool.ts'
import { type Lab, startLab } from '../lab/lab.ts'
import { serveLab } from '../lab/port.ts'
import type { Tenants } from '../tenants/tenants.ts'
import { createControlPlane, type ControlPlaneOptions, prepareControlPlane } from './control-plane/control-plane.ts'
import { forgetTold } from './control-plane/retention.ts'
import { forgetDoor, noteDoor } from './lab-door.ts'
import { portFor, refusedPort } from './ports.ts'

export interface ManagingOptions extends Pick<
  ControlPlaneOptions,
  'lab' | 'machines' | 'agents' | 'people' | 'publicUrl' | 'alertsToken' | 'postmortemsFrom'
> {
  dataDir: string
  databaseUrl: string
  bus: Bus
  issuerUrl: string
  /** `aud` of tokens the control-plane accepts */
  audience: string
  tenants: Tenants
  log: Logger
  /** address of the control-plane; default 127.0.0.1 */
  host?: string
  /** port of the control-plane; default: a free one */
  port?: number
  onStarted?(part: string): void
  /** functions that stop each started part; call the last one first */
  ends: (() => Promise<unknown>)[]
}

export interface Managing {
  controlPlaneUrl: string
  /** what to delete when it is old */
  forget: readonly Forget[]
  /** settles when the control-plane's consumer has failed permanently */
  failed: Promise<Error>
  /** why its consumer is stalled; null: it is not */
  unhealthy(): string | null
}

export type ManagedShopOptions = Omit<ManagingOptions, 'lab'>
export type ManagedShop = Managing & { lab: Lab }

export const NAMESPACE = 'shop'

/** The control-plane with the shop in this process. Throws `StartRefused` (`port`). */
export async function startManagedShop(options: ManagedShopOptions): Promise<ManagedShop> {
  await portFor('control-plane', options.port ?? 0)
  await prepareControlPlane(options.databaseUrl)
  const lab = await startLab({ dataDir: join(options.dataDir, 'lab') })
  options.ends.push(() => lab.close())
  options.onStarted?.('shop of five services')
  const managing = await startManaging({ ...options, lab })
  await openDoor(lab, managing.controlPlaneUrl, options)
  return { lab, ...managing }
}

/** For commands of the same user on this machine. */
async function openDoor(lab: Lab, controlPlane: string, { dataDir, ends }: ManagedShopOptions): Promise<void> {
  const token = randomBytes(24).toString('base64url')
  const { url, close } = await serveLab(lab, { host: '127.0.0.1', port: 0, token })
  ends.push(close)
  noteDoor(dataDir, { url, token, controlPlane })
  ends.push(async () => forgetDoor(dataDir))
}

/** The control-plane alone, for services that run elsewhere. Throws `StartRefused` (`port`). */
export async function startManaging(options: ManagingOptions): Promise<Managing> {
  const { dataDir, databaseUrl, log, host, port = 0, onStarted = () => undefined, ends, ...given } = options
  await prepareControlPlane(databaseUrl)
  const pool = openPool({ connectionString: databaseUrl, max: 10 }, (error) =>
    log.warn({ error: error.message }, 'database connection lost'),
  )
  ends.push(() => pool.end())
  const controlPlane = await createControlPlane({
    ...{ ...given, pool, log, namespace: NAMESPACE },
    dataDir: join(dataDir, 'control-plane'),
  })
  ends.push(() => controlPlane.stop())
  const controlPlaneUrl = await controlPlane.start(port, host).catch((error: unknown) => {
    throw refusedPort('control-plane', port, error)
  })
  onStarted('control-plane')
  return { controlPlaneUrl, forget: forgetTold(pool), failed: controlPlane.failed, unhealthy: controlPlane.unhealthy }
}
