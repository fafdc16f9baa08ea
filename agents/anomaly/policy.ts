/** Decides which anomalies ask for a diagnosis by themselves, and holds what is kept out. Pure: the clock and what was asked before are arguments. */
import { type Anomaly, RANK, type Severity } from '../../analysis/watch/watched.ts'
import { matchesPattern } from '../../tenants/pattern.ts'
import type { Delay } from './deployments.ts'
import { localTime } from './local-time.ts'
import type { Maintenance } from './maintenance.ts'

export interface QuietHours {
  /** minutes after midnight; `to` before `from` crosses midnight */
  from: number
  to: number
  /** IANA time zone */
  zone: string
  /** asked for even then; null: nothing is */
  leastSeverity: Severity | null
}

export interface Policy {
  /** names with `*` for any characters; none: nothing is asked for */
  services: readonly string[]
  leastSeverity: Severity
  /** whether forecasts ask too; their severity is how soon something is full */
  forecasts: boolean
  perHour: number
  perDay: number
  /** ms after a request in which nothing more is asked about the same service */
  coolDownMs: number
  quietHours: readonly QuietHours[]
  maintenance: readonly Maintenance[]
  deployments: Delay
}

/** Nothing is asked for or kept out unless somebody decided so. */
export const NEVER: Policy = {
  services: [],
  leastSeverity: 'critical',
  forecasts: false,
  perHour: 0,
  perDay: 0,
  coolDownMs: 0,
  quietHours: [],
  maintenance: [],
  deployments: { ms: 0, leastSeverity: 'critical' },
}

/** A diagnosis that was asked for by policy. */
export interface Asked {
  service: string
  /** ms since the epoch */
  at: number
}

/** Why nothing is asked for. */
export type Withheld = 'service' | 'severity' | 'quiet_hours' | 'cool_down' | 'per_hour' | 'per_day'

const HOUR = 3_600_000

/** null: ask. `asked`: the requests of the last 24 hours, of the same tenant. */
export function withheld(
  policy: Policy,
  { service, services, severity }: Pick<Anomaly, 'service' | 'services' | 'severity'>,
  asked: readonly Asked[],
  now: number,
): Withheld | null {
  if (!policy.services.some((pattern) => matchesPattern(pattern, service))) return 'service'
  if (RANK[severity] < RANK[policy.leastSeverity]) return 'severity'
  const quiet = policy.quietHours.find((hours) => isWithin(hours, now))
  if (quiet !== undefined && (quiet.leastSeverity === null || RANK[severity] < RANK[quiet.leastSeverity])) return 'quiet_hours' // prettier-ignore
  const since = (ms: number) => asked.filter(({ at }) => now - at < ms)
  if (since(policy.coolDownMs).some((one) => services.includes(one.service))) return 'cool_down'
  if (since(HOUR).length >= policy.perHour) return 'per_hour'
  if (since(24 * HOUR).length >= policy.perDay) return 'per_day'
  return null
}

export function isWithin({ from, to, zone }: QuietHours, now: number): boolean {
  const { minute } = localTime(zone, now)
  return from <= to ? minute >= from && minute < to : minute >= from || minute < to
}
