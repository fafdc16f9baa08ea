/** Which of a user's own systems and settings the platform on this machine takes. */
import type { PlatformOptions } from '../../embedded/platform.ts'
import { type Config, isSet, readConfig, type VariableName, variables } from '../config.ts'
import { assistantFrom, limitsFrom, tenantsFrom, verifyAfterMs } from '../serve/settings.ts'
import { toolsFrom } from '../serve/tools.ts'

type Environment = Readonly<Record<string, string | undefined>>

const SOURCES = ['PROMETHEUS_URL', 'LOKI_URL', 'TRACES_URL'] as const
/** The rest it brings itself: its people, its control-plane and its log are one with these, and nobody but this machine reaches it. */
const TAKEN =
  /^(PROMETHEUS|LOKI|TRACES|GRAFANA|APPROVER|APPROVAL|DIAGNOS[EI]S|VERIFY|RETENTION|SRE_TENANTS|GATEWAY_(PORT|.*_PER_MINUTE|BODY|STREAMS)|DATABASE_URL|DATA_DIR|METRICS_MAPPING|OBJECTIVES|LOG_LEVEL)/
/** What only the commands of people read. */
const OF_PEOPLE: readonly string[] = ['SRE_GATEWAY_URL']

export const takenByStart = (name: string): boolean => TAKEN.test(name)

const given = (environment: Environment): VariableName[] =>
  (Object.keys(variables) as VariableName[]).filter((name) => isSet(environment, name) && !OF_PEOPLE.includes(name))

/** Throws one `ConfigurationError` with everything wrong, and with what belongs to `sre serve`. */
export function readOwnConfig(environment: Environment): Config {
  const refused = given(environment).filter((name) => !takenByStart(name))
  const why = `${refused.join(', ')}: sre start brings its own. For a platform on your systems run sre serve gateway, assistant and executor (docs/reference/configuration.md); to start here, unset ${refused.length === 1 ? 'it' : 'them'}.`
  return readConfig(environment, [], refused.length === 0 ? [] : [why])
}

export type OwnSystems = Pick<
  PlatformOptions,
  'databaseUrl' | 'tenants' | 'own' | 'assistant' | 'gatewayLimits' | 'verifyAfterMs'
>

export const readsOwnSources = (config: Config): boolean => SOURCES.some((name) => config[name] !== undefined)

export function ownSystems(config: Config, environment: Environment): OwnSystems {
  return {
    ...(config.DATABASE_URL === undefined ? {} : { databaseUrl: config.DATABASE_URL }),
    // one of a user's sources beside one of the shop's would tell of two different worlds
    ...(readsOwnSources(config) ? { own: toolsFrom(config) } : {}),
    tenants: tenantsFrom(config),
    assistant: assistantFrom(config),
    gatewayLimits: limitsFrom(config),
    // the shop recovers sooner than what people run: only who asks for it waits longer
    ...(isSet(environment, 'VERIFY_AFTER_S') ? { verifyAfterMs: verifyAfterMs(config) } : {}),
  }
}

/** What is configured and a demo leaves alone. */
export const leftAlone = (environment: Environment): string[] =>
  given(environment).filter((name) => name !== 'LOG_LEVEL' && name !== 'RETENTION_DAYS')
