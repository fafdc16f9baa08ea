/** The lab alone, and the embedded control-plane with a lab, for trying the components without systems of one's own. */
import { join } from 'node:path'
import type { Logger } from 'pino'
import { Registry } from 'prom-client'
import { startSweeping } from '../../agents/runtime/retention.ts'
import { openPool } from '../../bus/postgres/pool.ts'
import { type Managing, type ManagedShopOptions, startManagedShop, startManaging } from '../../embedded/managed-shop.ts'
import { portFor, refusedPort } from '../../embedded/ports.ts'
import { createComponentMetrics } from '../../health/metrics.ts'
import { readinessOf } from '../../health/readiness.ts'
import { startLab } from '../../lab/lab.ts'
import { LabError } from '../../lab/lab-error.ts'
import { exportByOtlp } from '../../lab/otlp.ts'
import { serveLab } from '../../lab/port.ts'
import { connectLab } from '../../lab/remote.ts'
import { type Config, readConfig } from '../config.ts'
import { CommandError } from '../login/context.ts'
import { DAY_MS, type Environment, house, locked, logOf, onBus, type Running, told, withHealth } from './house.ts'
import { REQUIRED } from './part.ts'
import { postmortemsFrom, tenantsFrom } from './settings.ts'
import { serving as texts } from './texts.ts'

type Ends = (() => Promise<unknown>)[]

const stopping = (ends: Ends) => async () => {
  for (const end of ends.splice(0).reverse()) await end()
}

export async function startLabAlone(environment: Environment): Promise<Running> {
  const config = readConfig(environment, REQUIRED.lab)
  const { LAB_HOST: host, LAB_PORT: port, LAB_TOKEN: token = null, OTEL_EXPORTER_OTLP_ENDPOINT: otlp } = config
  const log = logOf('lab', config)
  const lock = locked(config.DATA_DIR)
  const ends: Ends = [async () => lock.release()]
  const stop = stopping(ends)
  try {
    await portFor('lab', port)
    const lab = await startLab({ dataDir: join(config.DATA_DIR, 'lab') })
    ends.push(() => lab.close())
    const open = await serveLab(lab, { host, port, token }).catch((error: unknown) => {
      throw refusedPort('lab', port, error)
    })
    ends.push(open.close)
    if (otlp !== undefined) ends.push(exportByOtlp(lab, { url: otlp, ...loggingLosses(log) }).close)
    lock.tell(open.url)
    log.info(`listening on ${open.url}`)
    const ready = async () => ({ ready: lab.unhealthy() === null })
    const running = { stop, failed: new Promise<Error>(() => undefined) }
    return await withHealth({ part: 'lab', log }, config, { registry: new Registry(), ready }, running)
  } catch (error) {
    await stop()
    throw told(error)
  }
}

const loggingLosses = (log: Logger) => ({
  onFailure: (what: string, why: string) => log.warn({ error: why }, `${what} of the shop were lost`),
})

export async function startControlPlane(environment: Environment): Promise<Running> {
  const config = readConfig(environment, REQUIRED['control-plane'])
  const parts = await house('control-plane', config)
  const lock = locked(config.DATA_DIR)
  const agents = [config.ASSISTANT_CLIENT_ID, config.EXECUTOR_CLIENT_ID, config.POSTMORTEM_CLIENT_ID]
  const ends: Ends = [async () => lock.release()]
  const stop = stopping(ends)
  const managing = await manage(config, {
    ...{ ...parts, ends, agents, machines: [...agents, 'control-plane'], tenants: tenantsFrom(config) },
    ...{ dataDir: config.DATA_DIR, issuerUrl: config.OIDC_ISSUER, audience: config.CONTROL_PLANE_AUDIENCE },
    people: { clientId: config.CONTROL_PLANE_PEOPLE_CLIENT, resource: config.CONTROL_PLANE_RESOURCE ?? null },
    ...{ host: config.CONTROL_PLANE_HOST, port: config.CONTROL_PLANE_PORT },
    postmortemsFrom: postmortemsFrom(config),
    ...(config.CONTROL_PLANE_ALERTS_TOKEN === undefined ? {} : { alertsToken: config.CONTROL_PLANE_ALERTS_TOKEN }),
    ...(config.CONTROL_PLANE_PUBLIC_URL === undefined ? {} : { publicUrl: config.CONTROL_PLANE_PUBLIC_URL }),
  }).catch(async (error: unknown) => {
    await stop()
    await parts.bus.close()
    throw told(error)
  })
  const { unhealthy, controlPlaneUrl } = managing
  const pool = openPool({ connectionString: parts.databaseUrl, max: 1 })
  ends.push(() => pool.end())
  const keepMs = config.RETENTION_DAYS * DAY_MS
  const onError = (error: unknown) => parts.log.warn({ error: String(error) }, 'retention failed; will be retried')
  const sweeping = startSweeping({ pool, forget: managing.forget, keepMs, onError })
  ends.push(() => sweeping.stop())
  lock.tell(controlPlaneUrl)
  parts.log.info(`listening on ${controlPlaneUrl}`)
  const metrics = createComponentMetrics({ bus: parts.bus, unhealthy })
  ends.push(async () => metrics.close())
  const ready = readinessOf({ pool, bus: parts.bus, unhealthy, sources: {} })
  const running = onBus(parts, { stop, failed: managing.failed })
  return withHealth(parts, config, { registry: metrics.registry, ready }, running)
}

/** The lab of LAB_URL, or one in this process. */
async function manage(config: Config, options: ManagedShopOptions): Promise<Managing> {
  const { LAB_URL: url, LAB_TOKEN: token = '' } = config
  if (url === undefined) return startManagedShop(options)
  const lab = await connectLab({ url, token }).catch((error: unknown) => {
    throw error instanceof LabError ? new CommandError(texts.lab(error.message)) : error
  })
  options.ends.push(lab.close)
  const managing = await startManaging({ ...options, lab })
  return { ...managing, unhealthy: () => managing.unhealthy() ?? lab.unhealthy() }
}
