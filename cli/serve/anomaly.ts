/** The anomaly agent as its own process, on the Prometheus of PROMETHEUS_URL or on the topic of the OpenTelemetry Collector. */
import type { AnomalyOptions } from '../../agents/anomaly/anomaly.ts'
import { countKeptOut, gaugeBands, gaugeQueries, gaugeShards } from '../../agents/anomaly/metrics.ts'
import { servicesIn } from '../../agents/anomaly/otlp/services.ts'
import { OTLP_GROUP, otlpSource } from '../../agents/anomaly/otlp/source.ts'
import { ownQueries, withQueries } from '../../agents/anomaly/queries/queries.ts'
import { polling } from '../../agents/anomaly/source.ts'
import type { ToolCheck } from '../../agents/runtime/status.ts'
import { openRecordLog } from '../../bus/create.ts'
import { openPool } from '../../bus/postgres/pool.ts'
import { prepareAgents } from '../../embedded/agents.ts'
import { startWatching } from '../../embedded/anomaly.ts'
import { createComponentMetrics } from '../../health/metrics.ts'
import { readinessOf } from '../../health/readiness.ts'
import { busOptionsFrom } from '../bus-options.ts'
import { type Config, readConfig } from '../config.ts'
import { DAY_MS, type Environment, house, type House, onBus, type Running, withHealth } from './house.ts'
import { requiredToWatch } from './part.ts'
import { anomalyFrom, tenantsFrom } from './settings.ts'
import { mappingOf, metricsFrom, probesFrom, prometheusFrom, servicesFrom } from './sources.ts'
import { metricsChecks } from './tool-checks.ts'

const CONNECT_MS = 3000

export async function startAnomaly(environment: Environment): Promise<Running> {
  const config = readConfig(environment, requiredToWatch(environment))
  const parts = await house('anomaly', config)
  const { bus, databaseUrl } = parts
  await prepareAgents(databaseUrl)
  const { close, failing, ...watched } =
    config.ANOMALY_SOURCE === 'otlp' ? fromTopic(parts, config) : fromPrometheus(parts, config)
  const agent = await startWatching({
    ...parts,
    ...anomalyFrom(config),
    ...watched,
    tenants: tenantsFrom(config),
    keepMs: config.RETENTION_DAYS * DAY_MS,
  })
  // its consumer's; a source that is away is a gap, not a reason to restart: its check and the log say so
  const { unhealthy } = agent
  const metrics = createComponentMetrics({ bus, unhealthy })
  countKeptOut(metrics.registry, agent.keptOut)
  gaugeQueries(metrics.registry, namesOf(config), failing)
  gaugeShards(metrics.registry, agent.shards)
  gaugeBands(metrics.registry, agent.bands, config.ANOMALY_BANDS ?? (() => false))
  const pool = openPool({ connectionString: databaseUrl, max: 1, connectionTimeoutMillis: CONNECT_MS })
  const ready = readinessOf({ pool, bus, unhealthy, sources: probesFrom(config) })
  const stop = async () => {
    await agent.stop()
    await close()
    metrics.close()
    await pool.end()
  }
  const running = onBus(parts, { stop, failed: agent.failed })
  return withHealth(parts, config, { registry: metrics.registry, ready }, running)
}

interface WatchedThere extends Pick<AnomalyOptions, 'source' | 'controlPlane'> {
  checks: ToolCheck[]
  /** own queries that are not answered, and why */
  failing(): ReadonlyMap<string, string>
  close(): Promise<void>
}

function fromPrometheus({ log }: House, config: Config): WatchedThere {
  const given = { source: polling({ metrics: metricsFrom(config) }), controlPlane: servicesFrom(config), checks: metricsChecks(config), close: () => Promise.resolve() } // prettier-ignore
  const [http, queries] = [prometheusFrom(config), config.ANOMALY_QUERIES_FILE]
  if (http === null || queries === undefined) return { ...given, failing: () => new Map() }
  const own = ownQueries({ http, queries, mapping: mappingOf(config), log })
  const { failing } = own
  const check = { tool: 'queries', endpoint: null, capabilities: ['samples'], look: () => looked(whyOf(failing())) }
  return { ...given, source: withQueries(given.source, own), checks: [...given.checks, check], failing }
}

const namesOf = ({ ANOMALY_QUERIES_FILE: queries = [] }: Config): string[] => queries.map(({ name }) => name)

const whyOf = (failing: ReadonlyMap<string, string>): string | null =>
  failing.size === 0 ? null : [...failing].map(([name, why]) => `${name}: ${why}`).join('; ')

function fromTopic({ bus, contract, log }: House, config: Config): WatchedThere {
  const [topic] = contract.foreignTopics.filter(({ consumers }) => consumers.includes('anomaly'))
  const options = busOptionsFrom(config, contract)
  if (topic === undefined || options.kind !== 'kafka') throw new Error('topics.yaml has no topic for the anomaly agent on Kafka') // prettier-ignore
  const tenants = tenantsFrom(config)
  const source = otlpSource({
    records: openRecordLog(options, topic.name, OTLP_GROUP),
    publish: bus.publish,
    isOwned: ({ service, namespace }) => tenants.ownerOf(service, namespace) !== null,
    mapping: mappingOf(config),
    stepMs: config.ANOMALY_STEP_S * 1000,
    log,
  })
  return {
    source,
    controlPlane: servicesIn(source),
    checks: [{ tool: 'otlp', endpoint: null, capabilities: ['samples'], look: () => looked(source.unhealthy()) }],
    failing: () => new Map(),
    close: () => source.close(),
  }
}

const looked = (why: string | null): Promise<void> =>
  why === null ? Promise.resolve() : Promise.reject(new Error(why))
