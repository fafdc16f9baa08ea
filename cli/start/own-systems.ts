/** Which configuration variables `sre start` accepts. */
import type { PlatformOptions } from '../../embedded/platform.ts'
import type { Embedder } from '../../memory/embedding.ts'
import { type Config, isSet, readConfig, type VariableName, variables } from '../config.ts'
import {
  anomalyFrom,
  assistantFrom,
  catalogueFrom,
  limitsFrom,
  postmortemsFrom,
  tenantsFrom,
  verifyAfterMs,
} from '../serve/settings.ts'
import { embedderFrom } from '../serve/memory.ts'
import { sourceChecksOf } from '../serve/tool-checks.ts'
import { toolsFrom } from '../serve/tools.ts'

type Environment = Readonly<Record<string, string | undefined>>

const SOURCES = ['PROMETHEUS_URL', 'LOKI_URL', 'TRACES_URL'] as const
/** Accepted variables. Everything else is embedded: users, control-plane and bus; the platform listens on loopback only. */
const TAKEN =
  /^(PROMETHEUS|LOKI|TRACES|GRAFANA|APPROVER|APPROVAL|DIAGNOS[EI]S|VERIFY|RETENTION|SRE_TENANTS|CHROMA_URL|EMBEDDINGS|GATEWAY_(PORT|ALERTS_TOKEN|.*_PER_MINUTE|BODY|STREAMS)|ACTIONS|DATABASE_URL|DATA_DIR|METRICS_MAPPING|POSTMORTEM_(SEVERITY|AFTER_ACTION)|OBJECTIVES|POLICY|LOG_LEVEL)/
/** Variables meant for other programs: client commands, and exporters of telemetry. */
const OF_OTHERS: readonly string[] = ['SRE_GATEWAY_URL', 'OTEL_EXPORTER_OTLP_ENDPOINT']

export const takenByStart = (name: string): boolean => TAKEN.test(name)

const UNWATCHED =
  'POLICY_FILE: sre start watches its own shop only, not your systems: run sre serve anomaly beside it, or unset it'

const given = (environment: Environment): VariableName[] =>
  (Object.keys(variables) as VariableName[]).filter((name) => isSet(environment, name) && !OF_OTHERS.includes(name))

/** Throws one `ConfigurationError` with all errors, including variables that only `sre serve` accepts. */
export function readOwnConfig(environment: Environment): Config {
  const refused = given(environment).filter((name) => !takenByStart(name))
  const why = `${refused.join(', ')}: sre start brings its own. For a platform on your systems run sre serve gateway, assistant and executor (docs/reference/configuration.md); to start here, unset ${refused.length === 1 ? 'it' : 'them'}.`
  const isUnwatched = isSet(environment, 'POLICY_FILE') && SOURCES.some((name) => isSet(environment, name))
  return readConfig(environment, [], [...(refused.length === 0 ? [] : [why]), ...(isUnwatched ? [UNWATCHED] : [])])
}

export type OwnSystems = { memory: { url?: string; embedder: Embedder } } & Pick<
  PlatformOptions,
  | 'databaseUrl'
  | 'catalogue'
  | 'tenants'
  | 'own'
  | 'ownChecks'
  | 'assistant'
  | 'anomaly'
  | 'gatewayLimits'
  | 'alertsToken'
  | 'postmortemsFrom'
  | 'verifyAfterMs'
>

export const readsOwnSources = (config: Config): boolean => SOURCES.some((name) => config[name] !== undefined)

export function ownSystems(config: Config, environment: Environment): OwnSystems {
  const { policyFile, requestedBy } = anomalyFrom(config)
  return {
    ...(config.DATABASE_URL === undefined ? {} : { databaseUrl: config.DATABASE_URL }),
    // never mix the user's sources with those of the demo shop
    ...(readsOwnSources(config) ? { own: toolsFrom(config), ownChecks: sourceChecksOf(config) } : {}),
    memory: { embedder: embedderFrom(config), ...(config.CHROMA_URL === undefined ? {} : { url: config.CHROMA_URL }) },
    catalogue: catalogueFrom(config),
    tenants: tenantsFrom(config),
    assistant: assistantFrom(config),
    anomaly: { policyFile, requestedBy },
    gatewayLimits: limitsFrom(config),
    ...(config.GATEWAY_ALERTS_TOKEN === undefined ? {} : { alertsToken: config.GATEWAY_ALERTS_TOKEN }),
    postmortemsFrom: postmortemsFrom(config),
    // the demo shop recovers quickly, so the default waiting times are shorter
    ...(isSet(environment, 'VERIFY_AFTER_S') ? { verifyAfterMs: verifyAfterMs(config) } : {}),
  }
}

/** Variables that are set and that a demo ignores. */
export const leftAlone = (environment: Environment): string[] =>
  given(environment).filter((name) => name !== 'LOG_LEVEL' && name !== 'RETENTION_DAYS')
