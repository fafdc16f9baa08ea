/** Which of a user's own systems the platform on this machine stands on. */
import type { PlatformOptions } from '../../embedded/platform.ts'
import type { Config } from '../config.ts'
import { CommandError } from '../login/context.ts'
import { failures } from './texts.ts'
import { logsFrom, metricsFrom } from '../serve/sources.ts'

const SOURCES = ['PROMETHEUS_URL', 'LOKI_URL'] as const
/** What it always brings itself: its people, its shop and its log are one with these. */
const BROUGHT = ['CONTROL_PLANE_URL', 'OIDC_ISSUER', 'KAFKA_BROKERS', 'TRACES_URL'] as const

export type OwnSystems = Pick<PlatformOptions, 'databaseUrl' | 'metrics' | 'logs'>

export const readsOwnSources = (config: Config): boolean => SOURCES.some((name) => config[name] !== undefined)

/** Throws a `CommandError` for what belongs to `sre serve`. */
export function ownSystems(config: Config): OwnSystems {
  const refused = BROUGHT.filter((name) => config[name] !== undefined)
  if (refused.length > 0) throw new CommandError(failures.bringsItsOwn(refused))
  return {
    ...(config.DATABASE_URL === undefined ? {} : { databaseUrl: config.DATABASE_URL }),
    // one of a user's sources beside one of the shop's would tell of two different worlds
    ...(readsOwnSources(config) ? { metrics: metricsFrom(config), logs: logsFrom(config) } : {}),
  }
}

/** What is configured and a demo leaves alone. */
export const leftAlone = (config: Config): string[] =>
  (['DATABASE_URL', ...SOURCES, ...BROUGHT] as const).filter((name) => config[name] !== undefined)
