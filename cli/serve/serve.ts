/** Runs one component in this process until it is stopped or dies. */
import { once } from 'node:events'
import { createRemoteJWKSet } from 'jose'
import type { Logger } from 'pino'
import { controlPlaneActing, controlPlaneTool } from '../../agents/tools/live.ts'
import { sharedLogs, sharedMetrics } from '../../agents/tools/shared.ts'
import type { Bus } from '../../bus/bus.ts'
import { createBus, preparePostgresBus, PROMPT } from '../../bus/create.ts'
import { openPool } from '../../bus/postgres/pool.ts'
import { countAgents } from '../../agents/runtime/metrics.ts'
import { startSweeping } from '../../agents/runtime/retention.ts'
import type { Runtime } from '../../agents/runtime/runtime.ts'
import { recordedChanges } from '../../agents/tools/changes/recorded.ts'
import { prepareAgents, startAgents } from '../../embedded/agents.ts'
import { openDataDir } from '../../embedded/data-dir.ts'
import { type DataDirLock, lockDataDir } from '../../embedded/data-dir-lock.ts'
import { startManagedShop } from '../../embedded/managed-shop.ts'
import { refusedPort } from '../../embedded/ports.ts'
import { StartRefused } from '../../embedded/start-refused.ts'
import { serveGateway } from '../../gateway/serve.ts'
import { createComponentMetrics } from '../../health/metrics.ts'
import { readinessOf } from '../../health/readiness.ts'
import { type Contract, loadContract } from '../../schemas/contract.ts'
import { openSigningKeys } from '../../schemas/signing-keys.ts'
import { busOptionsFrom } from '../bus-options.ts'
import { type Config, readConfig } from '../config.ts'
import { createLog } from '../log.ts'
import { gatewayKeysDir } from '../keys/keys-command.ts'
import { type ClientContext, CommandError } from '../login/context.ts'
import { registryFound } from '../registry.ts'
import { refused } from '../start/refused.ts'
import { asking } from './asking.ts'
import { type Health, openHealth } from './health.ts'
import { type Part, REQUIRED } from './part.ts'
import { reached } from './reached.ts'
import { assistantFrom, catalogueFrom, limitsFrom, tenantsFrom, tlsFrom, verifyAfterMs } from './settings.ts'
import { logsFrom, metricsFrom, probesFrom, servicesFrom, tracesFrom } from './sources.ts'
import { controlPlaneFrom } from './tools.ts'

interface Running {
  log: Logger
  stop(): Promise<void>
  /** settles when it has died */
  failed: Promise<Error>
}

interface House {
  part: Part
  bus: Bus
  contract: Contract
  databaseUrl: string
  log: Logger
}

const STOPPING_MS = 30_000
const CONNECT_MS = 3000

export async function serve(context: ClientContext, part: Part): Promise<void> {
  const parts = { gateway: startGateway, assistant: startAssistant, executor: startExecutor, 'control-plane': startControlPlane } // prettier-ignore
  const running = await parts[part](context.environment)
  const { log } = running
  // register the handlers before printing: a script may stop the process as soon as it reads the line
  const stopped = Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]).then(() => null)
  log.info(`${part} is running`)
  const error = await Promise.race([stopped, running.failed])
  if (error !== null) log.fatal({ error: error.message }, 'component died: exiting, so that it is restarted')
  // a dead component may never finish stopping
  setTimeout(() => {
    log.warn(`not stopped within ${STOPPING_MS / 1000} s: exiting; other replicas take over its runs`)
    process.exit(1)
  }, STOPPING_MS).unref()
  await running.stop()
  // while the brokers are down, the Kafka client keeps trying to join its group, which would keep the process alive
  process.exit(error === null ? 0 : 1)
}

const DAY_MS = 86_400_000

type Environment = ClientContext['environment']

async function house(part: Part, config: Config<'DATABASE_URL'>): Promise<House> {
  const log = createLog({ level: config.LOG_LEVEL, base: { part } })
  const contract = loadContract()
  const databaseUrl = config.DATABASE_URL
  await reached(databaseUrl)
  const options = busOptionsFrom(config, contract)
  await registryFound(options)
  if (options.kind === 'postgres') await preparePostgresBus(databaseUrl, contract)
  // people wait for the gateway's answers
  const asked = options.kind === 'kafka' && part === 'gateway' ? { ...options, patience: PROMPT } : options
  return { part, bus: await createBus(asked), contract, databaseUrl, log }
}

async function startGateway(environment: Environment): Promise<Running> {
  const config = readConfig(environment, REQUIRED.gateway)
  const parts = await house('gateway', config)
  const { promise: failed, resolve } = Promise.withResolvers<Error>()
  const gateway = await serveGateway({
    ...parts,
    identity: {
      issuer: config.OIDC_ISSUER,
      audience: config.OIDC_AUDIENCE,
      machineClients: config.GATEWAY_MACHINE_CLIENTS,
    },
    tenants: tenantsFrom(config),
    decisions: {
      issuer: config.DECISION_ISSUER,
      keys: await openSigningKeys({ dir: gatewayKeysDir(config.DATA_DIR) }),
    },
    sources: probesFrom(config),
    limits: limitsFrom(config),
    host: config.GATEWAY_HOST,
    port: config.GATEWAY_PORT,
    ...tlsFrom(config),
    retentionDays: config.RETENTION_DAYS,
    onFailed: resolve,
  }).catch((error: unknown) => {
    const { GATEWAY_PORT: port, GATEWAY_REDIRECT_PORT: redirect } = config
    const isRedirect = redirect !== undefined && (error as { port?: unknown }).port === redirect
    throw told(isRedirect ? refusedPort('redirect', redirect, error) : refusedPort('gateway', port, error))
  })
  parts.log.info(`listening on ${gateway.url}`)
  return withHealth(parts, config, gateway, { stop: gateway.close, failed })
}

async function startAssistant(environment: Environment): Promise<Running> {
  const config = readConfig(environment, REQUIRED.assistant)
  const given = controlPlaneFrom(environment)
  const parts = await house('assistant', config)
  await prepareAgents(parts.databaseUrl)
  const pool = openPool({ connectionString: parts.databaseUrl, max: 2 })
  const controlPlane = given ?? { ...servicesFrom(config), ...recordedChanges(pool) }
  const traces = tracesFrom(config)
  const tools = {
    metrics: sharedMetrics(metricsFrom(config)),
    logs: sharedLogs(logsFrom(config)),
    ...(traces === null ? {} : { traces }),
    controlPlane,
  }
  const runtime = await startAgents({
    ...parts,
    keepMs: config.RETENTION_DAYS * DAY_MS,
    tenants: tenantsFrom(config),
    catalogue: catalogueFrom(config),
    changes: given === null,
    assistant: {
      toolsFor: (request) =>
        request.context['recording'] === undefined ? { tools } : { refused: liveOnly(request.context['recording']) },
      ...assistantFrom(config),
    },
  })
  return agentsWithHealth(parts, config, { ...runtime, stop: () => runtime.stop().finally(() => pool.end()) })
}

async function startExecutor(environment: Environment): Promise<Running> {
  const config = readConfig(environment, REQUIRED.executor)
  const parts = await house('executor', config)
  await prepareAgents(parts.databaseUrl)
  const acting = asking(config, 'EXECUTOR', 'sre-platform:read sre-platform:write')
  const runtime = await startAgents({
    ...parts,
    keepMs: config.RETENTION_DAYS * DAY_MS,
    tenants: tenantsFrom(config),
    catalogue: catalogueFrom(config),
    executor: {
      controlPlane: controlPlaneTool(acting),
      writer: controlPlaneActing(acting),
      metrics: metricsFrom(config),
      verifyAfterMs: verifyAfterMs(config),
      approverRoles: config.APPROVER_ROLES,
      approvalTtlMs: config.APPROVAL_TTL_S * 1000,
      executionLimitMs: 10 * 60_000,
      trustedKeys: new Map([...config.DECISION_KEYS].map(([issuer, url]) => [issuer, createRemoteJWKSet(url)])),
    },
  })
  return agentsWithHealth(parts, config, runtime)
}

/** The embedded control-plane with its shop, for trying the components without a control-plane of one's own. */
async function startControlPlane(environment: Environment): Promise<Running> {
  const config = readConfig(environment, REQUIRED['control-plane'])
  const parts = await house('control-plane', config)
  openDataDir(config.DATA_DIR)
  const lock = locked(config.DATA_DIR)
  const agents = [config.ASSISTANT_CLIENT_ID, config.EXECUTOR_CLIENT_ID]
  const ends: (() => Promise<unknown>)[] = [async () => lock.release()]
  const stop = async () => {
    for (const end of ends.splice(0).reverse()) await end()
  }
  const shop = await startManagedShop({
    ...{ ...parts, ends, agents, machines: [...agents, 'control-plane'], tenants: tenantsFrom(config) },
    ...{ dataDir: config.DATA_DIR, issuerUrl: config.OIDC_ISSUER, audience: config.CONTROL_PLANE_AUDIENCE },
    people: { clientId: 'console', resource: config.CONTROL_PLANE_RESOURCE ?? null },
    port: config.CONTROL_PLANE_PORT,
  }).catch(async (error: unknown) => {
    await stop()
    throw told(error)
  })
  const pool = openPool({ connectionString: parts.databaseUrl, max: 1 })
  ends.push(() => pool.end())
  const keepMs = config.RETENTION_DAYS * DAY_MS
  const onError = (error: unknown) => parts.log.warn({ error: String(error) }, 'retention failed; will be retried')
  const sweeping = startSweeping({ pool, forget: shop.forget, keepMs, onError })
  ends.push(() => sweeping.stop())
  lock.tell(shop.controlPlaneUrl)
  parts.log.info(`listening on ${shop.controlPlaneUrl}`)
  const metrics = createComponentMetrics({ bus: parts.bus, unhealthy: shop.unhealthy })
  ends.push(async () => metrics.close())
  const ready = readinessOf({ pool, bus: parts.bus, unhealthy: shop.unhealthy, sources: {} })
  return withHealth(parts, config, { registry: metrics.registry, ready }, { stop, failed: shop.failed })
}

/** Locks the data folder: one shop per folder. */
function locked(dataDir: string): DataDirLock {
  try {
    return lockDataDir(dataDir)
  } catch (error) {
    throw told(error)
  }
}

const told = (error: unknown): unknown =>
  error instanceof StartRefused ? new CommandError(refused(error.refusal)) : error

const liveOnly = (recording: string) => ({
  ...{ code: 'live_only', about: recording },
  text: { en: 'this assistant diagnoses live systems only', zh: '這個助理只診斷即時系統' },
})

interface Startable {
  stop(): Promise<void>
  failed: Promise<Error>
}

async function agentsWithHealth(parts: House, config: Config, runtime: Runtime): Promise<Running> {
  const { bus, databaseUrl } = parts
  const unhealthy = () => runtime.unhealthy()
  const metrics = createComponentMetrics({ bus, unhealthy })
  const uncount = countAgents(metrics.registry, runtime.waiting)
  const pool = openPool({ connectionString: databaseUrl, max: 1, connectionTimeoutMillis: CONNECT_MS })
  const ready = readinessOf({ pool, bus, unhealthy, sources: probesFrom(config) })
  const stop = async () => {
    await runtime.stop()
    uncount()
    metrics.close()
    await pool.end()
  }
  return withHealth(parts, config, { registry: metrics.registry, ready }, { stop, failed: runtime.failed })
}

async function withHealth(
  { part, bus, log }: House,
  config: Config,
  health: Health,
  running: Startable,
): Promise<Running> {
  const stop = async () => {
    await running.stop()
    await bus.close()
  }
  const closeHealth = await openHealth(part, config, health).catch(async (error: unknown) => {
    await stop()
    throw error
  })
  return {
    log,
    failed: running.failed,
    async stop() {
      await closeHealth()
      await stop()
    },
  }
}
