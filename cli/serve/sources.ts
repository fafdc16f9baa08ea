/** Builds the agents' tools from configuration. Queries to a source that is not configured fail with that reason, and the result is partial. */
import { readFileSync } from 'node:fs'
import { answer } from '../../agents/tools/answer.ts'
import { createHttp, type HttpOptions } from '../../agents/tools/http.ts'
import { lokiLogs } from '../../agents/tools/loki/loki.ts'
import { prometheusMetrics } from '../../agents/tools/prometheus/prometheus.ts'
import type { ControlPlaneTool, LogsTool, MetricsTool, TracesTool } from '../../agents/tools/tools.ts'
import { jaeger } from '../../agents/tools/traces/jaeger.ts'
import type { TraceSource } from '../../agents/tools/traces/source.ts'
import { tempo } from '../../agents/tools/traces/tempo.ts'
import { liveTraces } from '../../agents/tools/traces/traces.ts'
import { zipkin } from '../../agents/tools/traces/zipkin.ts'
import { withoutControlPlane } from '../../agents/tools/without-control-plane.ts'
import { httpProbe } from '../../gateway/probe.ts'
import type { Config } from '../config.ts'
import { tenantsFrom } from './settings.ts'

export function metricsFrom(config: Config): MetricsTool {
  const { PROMETHEUS_URL: url } = config
  if (url === undefined)
    return { goldenSignals: ({ range }) => unconfigured('prometheus', 'golden-signals', 'PROMETHEUS_URL', range) }
  return prometheusMetrics({
    http: prometheusAt(url, config),
    mapping: mappingOf(config),
    ...defined({ externalUrl: config.PROMETHEUS_EXTERNAL_URL }),
  })
}

/** Stands in for the control-plane if none is configured. */
export function servicesFrom(config: Config): ControlPlaneTool {
  const { PROMETHEUS_URL: url } = config
  return withoutControlPlane({ http: url === undefined ? null : prometheusAt(url, config), mapping: mappingOf(config) })
}

/** null: none is configured */
export const prometheusFrom = (config: Config) =>
  config.PROMETHEUS_URL === undefined ? null : prometheusAt(config.PROMETHEUS_URL, config)

const prometheusAt = (baseUrl: string, config: Config) =>
  createHttp({ ...access(config, 'PROMETHEUS'), baseUrl, timeoutMs: 15_000 })

export const mappingOf = (config: Config) => defined(config.METRICS_MAPPING_FILE ?? {})

export function logsFrom(config: Config): LogsTool {
  const { LOKI_URL: url } = config
  if (url === undefined) return { logs: ({ range }) => unconfigured('loki', 'logs', 'LOKI_URL', range) }
  const { names, serviceLabels, namespaceLabel } = config.METRICS_MAPPING_FILE ?? {}
  const http = createHttp({ ...access(config, 'LOKI'), baseUrl: url, timeoutMs: 20_000 })
  const { GRAFANA_URL: externalUrl, GRAFANA_LOKI_DATASOURCE: datasource } = config
  return lokiLogs({ http, ...defined({ names, serviceLabels, namespaceLabel, externalUrl, datasource }) })
}

/** Null: no trace backend is configured, which is not a failure. */
export function tracesFrom(config: Config): TracesTool | null {
  const { TRACES_URL: url, TRACES_KIND: kind } = config
  if (url === undefined || kind === undefined) return null
  const http = createHttp({ ...access(config, 'TRACES'), baseUrl: url, timeoutMs: 20_000 })
  const pages = defined({ externalUrl: config.TRACES_EXTERNAL_URL })
  const sources: Record<typeof kind, () => TraceSource> = {
    zipkin: () => zipkin(http, pages),
    jaeger: () => jaeger(http, pages),
    tempo: () => tempo(http, defined({ externalUrl: config.GRAFANA_URL, datasource: config.GRAFANA_TEMPO_DATASOURCE })),
  }
  return liveTraces({ source: sources[kind](), ...defined({ names: config.METRICS_MAPPING_FILE?.names }) })
}

/** Whether each configured source answers. */
export function probesFrom(config: Config): Record<string, () => Promise<boolean>> {
  const sources = {
    prometheus: [config.PROMETHEUS_URL, config.PROMETHEUS_CA_FILE],
    loki: [config.LOKI_URL, config.LOKI_CA_FILE],
    traces: [config.TRACES_URL, config.TRACES_CA_FILE],
    control_plane: [config.CONTROL_PLANE_URL],
  }
  return Object.fromEntries(
    Object.entries(sources).flatMap(([name, [url, caFile]]) =>
      url === undefined
        ? []
        : [[name, httpProbe(url, caFile === undefined ? undefined : readFileSync(caFile, 'utf8'))]],
    ),
  )
}

const unconfigured = (tool: string, operation: string, variable: string, range: { start: number; end: number }) =>
  answer<never>({ tool, operation, query: '', range }, () => Promise.reject(new Error(`${variable} is not configured`)))

const SCOPED = { PROMETHEUS: 'prometheus', LOKI: 'loki', TRACES: 'traces' } as const

export function access(
  config: Config,
  source: 'PROMETHEUS' | 'LOKI' | 'TRACES',
): Pick<HttpOptions, 'credentials' | 'caFile'> {
  const token = config[`${source}_TOKEN`]
  const username = config[`${source}_USERNAME`]
  const password = config[`${source}_PASSWORD`]
  const tenant = config[`${source}_TENANT`]
  const caFile = config[`${source}_CA_FILE`]
  const scopes = tenantsFrom(config).scopesOf(SCOPED[source])
  return {
    credentials: {
      ...(token === undefined ? {} : { bearer: () => Promise.resolve(token) }),
      ...(username === undefined || password === undefined ? {} : { basic: { username, password } }),
      ...(tenant === undefined ? {} : { tenant }),
      ...(scopes.size === 0 ? {} : { scopes }),
    },
    ...(caFile === undefined ? {} : { caFile }),
  }
}

/** Properties that are undefined are removed. */
type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> }
const defined = <T extends object>(value: T): Defined<T> =>
  Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as Defined<T>
