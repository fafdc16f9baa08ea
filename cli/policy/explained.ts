/** What a policy means for one service, and what applies to it now. Pure. */
import { isAbout, nextOpening } from '../../agents/anomaly/maintenance.ts'
import { isWithin, type Policy, type QuietHours, type Withheld, withheld } from '../../agents/anomaly/policy.ts'
import type { TimeRange } from '../../analysis/observations.ts'
import { RANK, type Severity } from '../../analysis/watch/watched.ts'
import { DAY_MS, type Known } from './known.ts'

export interface Explained {
  service: string
  /** what names the service; null: nothing does, so nothing is asked for */
  pattern: string | null
  policy: Policy
  /** that are in force now */
  quiet: QuietHours | null
  /** of each maintenance of the service, the one in force or the next */
  maintenance: (TimeRange & { indicators: readonly string[] | null; isNow: boolean })[]
  /** what depends on the past; null: it is not known */
  now: Now | null
}

export interface Now {
  asked: { hour: number; day: number }
  /** ms since the epoch; null: nothing was asked about it lately */
  coolUntil: number | null
  /** the last one whose delay is not over */
  deployment: TimeRange | null
  /** for each severity that may ask: why an anomaly of this service would not ask now; null: it would */
  withheld: { severity: Severity; why: Reason | null }[]
}

/** `maintenance` and `deployment`: it would not be announced now. */
export type Reason = Withheld | 'maintenance' | 'deployment'

const HOUR_MS = 3_600_000
const SEVERITIES: readonly Severity[] = ['critical', 'warning', 'info']

export function explained(service: string, policy: Policy, known: Known | null, now: number): Explained {
  const maintenance = policy.maintenance.flatMap((one) => {
    const next = isAbout(one, service) ? nextOpening(one.window, now) : null
    return next === null ? [] : { ...next, indicators: one.indicators, isNow: next.start <= now }
  })
  const isClosed = maintenance.some(({ isNow, indicators }) => isNow && indicators === null)
  return {
    ...{ service, policy, maintenance },
    pattern: policy.services.find((one) => isAbout({ services: [one] }, service)) ?? null,
    quiet: policy.quietHours.find((hours) => isWithin(hours, now)) ?? null,
    now: known === null ? null : nowOf(service, policy, known, isClosed, now),
  }
}

function nowOf(
  service: string,
  policy: Policy,
  { asked, deployed }: Known,
  isInMaintenance: boolean,
  now: number,
): Now {
  const since = (ms: number): number => asked.filter(({ at }) => now - at < ms).length
  const last = Math.max(...asked.flatMap((one) => (one.service === service ? one.at : [])))
  const start = Math.max(...deployed.flatMap((one) => (one.service === service && one.at <= now ? one.at : [])))
  const [cool, end] = [last + policy.coolDownMs, start + policy.deployments.ms]
  const isDelayed = (severity: Severity): boolean =>
    end > now && RANK[severity] < RANK[policy.deployments.leastSeverity]
  const why = (severity: Severity): Reason | null => {
    if (isInMaintenance) return 'maintenance'
    return isDelayed(severity) ? 'deployment' : withheld(policy, { service, services: [service], severity }, asked, now)
  }
  return {
    asked: { hour: since(HOUR_MS), day: since(DAY_MS) },
    coolUntil: cool > now ? cool : null,
    deployment: end > now ? { start, end } : null,
    withheld: SEVERITIES.filter((severity) => RANK[severity] >= RANK[policy.leastSeverity]).map((severity) => ({
      severity,
      why: why(severity),
    })),
  }
}
