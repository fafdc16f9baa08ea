/** Runs one component in this process until it is stopped or dies. */
import { once } from 'node:events'
import { createRemoteJWKSet } from 'jose'
import { controlPlaneActing, controlPlaneTool } from '../../agents/tools/live.ts'
import { liveMemory } from '../../agents/tools/memory/memory.ts'
import { sharedLogs, sharedMetrics } from '../../agents/tools/shared.ts'
import { openPool } from '../../bus/postgres/pool.ts'
import { countAgents } from '../../agents/runtime/metrics.ts'
import type { Runtime } from '../../agents/runtime/runtime.ts'
import { recordedChanges } from '../../agents/tools/changes/recorded.ts'
import { prepareAgents, startAgents } from '../../embedded/agents.ts'
import { refusedPort } from '../../embedded/ports.ts'
import { serveGateway } from '../../gateway/serve.ts'
import { createComponentMetrics } from '../../health/metrics.ts'
import { readinessOf } from '../../health/readiness.ts'
import { openSigningKeys } from '../../schemas/signing-keys.ts'
import { type Config, isSet, readConfig } from '../config.ts'
import { gatewayKeysDir } from '../keys/keys-command.ts'
import type { ClientContext } from '../login/context.ts'
import { startAnomaly } from './anomaly.ts'
import { memoryChecks, memoryFrom } from './memory.ts'
import { asking } from './asking.ts'
import { DAY_MS, type Environment, house, type House, onBus, type Running, told, withHealth } from './house.ts'
import { type Part, REQUIRED, REQUIRED_TO_LOOK } from './part.ts'
import { assistantFrom, catalogueFrom, limitsFrom, tenantsFrom, tlsFrom, verifyAfterMs } from './settings.ts'
import { startControlPlane, startLabAlone } from './shop.ts'
import { logsFrom, metricsFrom, probesFrom, servicesFrom, tracesFrom } from './sources.ts'
import { controlPlaneChecks, metricsChecks, sourceChecksOf } from './tool-checks.ts'
import { controlPlaneFrom } from './tools.ts'

const STOPPING_MS = 30_000
const CONNECT_MS = 3000

export async function serve(context: ClientContext, part: Part): Promise<void> {
  const parts = { gateway: startGateway, assistant: startAssistant, executor: startExecutor, postmortem: startPostmortem, anomaly: startAnomaly, 'control-plane': startControlPlane, lab: startLabAlone } // prettier-ignore
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
    ...(config.GATEWAY_ALERTS_TOKEN === undefined ? {} : { alertsToken: config.GATEWAY_ALERTS_TOKEN }),
    limits: limitsFrom(config),
    ...(config.GATEWAY_PUBLIC_URL === undefined ? {} : { publicUrl: config.GATEWAY_PUBLIC_URL }),
    ...(config.A2A_PUSH_ORIGINS === undefined ? {} : { pushOrigins: config.A2A_PUSH_ORIGINS }),
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
  return withHealth(parts, config, gateway, onBus(parts, { stop: gateway.close, failed }))
}

async function startAssistant(environment: Environment): Promise<Running> {
  const config = readConfig(environment, REQUIRED.assistant)
  const given = controlPlaneFrom(environment)
  const parts = await house('assistant', config)
  await prepareAgents(parts.databaseUrl)
  const pool = openPool({ connectionString: parts.databaseUrl, max: 2 })
  const controlPlane = given ?? { ...servicesFrom(config), ...recordedChanges(pool) }
  const [traces, memory] = [tracesFrom(config), memoryFrom(config)]
  const tools = {
    ...(memory === null ? {} : { memory: liveMemory(memory) }),
    metrics: sharedMetrics(metricsFrom(config)),
    logs: sharedLogs(logsFrom(config)),
    ...(traces === null ? {} : { traces }),
    controlPlane,
  }
  const runtime = await startAgents({
    ...parts,
    keepMs: config.RETENTION_DAYS * DAY_MS,
    tools: { assistant: [...sourceChecksOf(config), ...controlPlaneChecks(config, given), ...memoryChecks(config)] },
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
  const controlPlane = controlPlaneTool(acting)
  const runtime = await startAgents({
    ...parts,
    keepMs: config.RETENTION_DAYS * DAY_MS,
    tools: { executor: [...metricsChecks(config), ...controlPlaneChecks(config, controlPlane)] },
    tenants: tenantsFrom(config),
    catalogue: catalogueFrom(config),
    executor: {
      controlPlane,
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

async function startPostmortem(environment: Environment): Promise<Running> {
  const config = readConfig(environment, REQUIRED.postmortem)
  const asks = isSet(environment, 'CONTROL_PLANE_URL')
  const controlPlane = asks
    ? controlPlaneTool(asking(readConfig(environment, REQUIRED_TO_LOOK), 'POSTMORTEM', 'sre-platform:read'))
    : null
  const parts = await house('postmortem', config)
  const memory = memoryFrom(config)
  await prepareAgents(parts.databaseUrl)
  const runtime = await startAgents({
    ...parts,
    keepMs: config.RETENTION_DAYS * DAY_MS,
    tools: { postmortem: [...controlPlaneChecks(config, controlPlane), ...memoryChecks(config)] },
    ...(memory === null ? {} : { memory }),
    tenants: tenantsFrom(config),
    postmortem: {
      ...(controlPlane === null ? {} : { controlPlane }),
      objectives: config.OBJECTIVES_FILE ?? [],
    },
  })
  return agentsWithHealth(parts, config, runtime)
}

const liveOnly = (recording: string) => ({
  ...{ code: 'live_only', about: recording },
  text: { en: 'this assistant diagnoses live systems only', zh: '這個助理只診斷即時系統' },
})

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
  const running = onBus(parts, { stop, failed: runtime.failed })
  return withHealth(parts, config, { registry: metrics.registry, ready }, running)
}
