/** The anomaly agent as its own process, on the Prometheus of PROMETHEUS_URL. */
import { polling } from '../../agents/anomaly/source.ts'
import { openPool } from '../../bus/postgres/pool.ts'
import { prepareAgents } from '../../embedded/agents.ts'
import { startWatching } from '../../embedded/anomaly.ts'
import { createComponentMetrics } from '../../health/metrics.ts'
import { readinessOf } from '../../health/readiness.ts'
import { readConfig } from '../config.ts'
import { DAY_MS, type Environment, house, onBus, type Running, withHealth } from './house.ts'
import { REQUIRED } from './part.ts'
import { anomalyFrom, tenantsFrom } from './settings.ts'
import { metricsFrom, probesFrom, servicesFrom } from './sources.ts'
import { metricsChecks } from './tool-checks.ts'

const CONNECT_MS = 3000

export async function startAnomaly(environment: Environment): Promise<Running> {
  const config = readConfig(environment, REQUIRED.anomaly)
  const parts = await house('anomaly', config)
  const { bus, databaseUrl } = parts
  await prepareAgents(databaseUrl)
  const agent = startWatching({
    ...parts,
    ...anomalyFrom(config),
    source: polling({ metrics: metricsFrom(config) }),
    controlPlane: servicesFrom(config),
    tenants: tenantsFrom(config),
    keepMs: config.RETENTION_DAYS * DAY_MS,
    checks: metricsChecks(config),
  })
  // a Prometheus that is away is a gap, not a reason to restart: its check and the log say so
  const unhealthy = () => null
  const metrics = createComponentMetrics({ bus, unhealthy })
  const pool = openPool({ connectionString: databaseUrl, max: 1, connectionTimeoutMillis: CONNECT_MS })
  const ready = readinessOf({ pool, bus, unhealthy, sources: probesFrom(config) })
  const stop = async () => {
    await agent.stop()
    metrics.close()
    await pool.end()
  }
  const running = onBus(parts, { stop, failed: new Promise<Error>(() => undefined) })
  return withHealth(parts, config, { registry: metrics.registry, ready }, running)
}
