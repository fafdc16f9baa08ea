/** What a policy means for one service, as JSON. */
import type { Policy, QuietHours } from '../../agents/anomaly/policy.ts'
import { timeOf } from '../../gateway/present/language.ts'
import type { Explained, Now } from './explained.ts'

export const minutes = (ms: number): number => ms / 60_000
export const clock = (minute: number): string =>
  [Math.floor(minute / 60), minute % 60].map((part) => String(part).padStart(2, '0')).join(':')

/** `unknown`: why what depends on the past is not known. */
export const documentOf = (
  { service, pattern, policy, quiet, maintenance, now }: Explained,
  unknown: string | null,
) => ({
  ...{ service, asks: pattern !== null, ...(pattern === null ? {} : { pattern, ...askingOf(policy) }) },
  maintenance: maintenance.map(({ start, end, indicators, isNow }) => ({ from: timeOf(start), to: timeOf(end), now: isNow, indicators })), // prettier-ignore
  deployments: policy.deployments.ms === 0 ? null : { delay_minutes: minutes(policy.deployments.ms), least_severity: policy.deployments.leastSeverity }, // prettier-ignore
  now: now === null ? null : nowOf(now, pattern === null ? null : quiet),
  ...(unknown === null ? {} : { unknown }),
})

const askingOf = ({ leastSeverity, forecasts, perHour, perDay, coolDownMs, quietHours }: Policy) => ({
  least_severity: leastSeverity,
  forecasts,
  per_hour: perHour,
  per_day: perDay,
  cool_down_minutes: minutes(coolDownMs),
  quiet_hours: quietHours.map(hoursOf),
})

const hoursOf = ({ from, to, zone, leastSeverity }: QuietHours) => ({ from: clock(from), to: clock(to), zone, least_severity: leastSeverity }) // prettier-ignore

const nowOf = ({ asked, coolUntil, deployment, withheld }: Now, quiet: QuietHours | null) => ({
  asked_last_hour: asked.hour,
  asked_last_day: asked.day,
  cool_down_until: coolUntil === null ? null : timeOf(coolUntil),
  quiet_hours: quiet === null ? null : hoursOf(quiet),
  deployment: deployment === null ? null : { at: timeOf(deployment.start), delayed_until: timeOf(deployment.end) },
  withheld: Object.fromEntries(withheld.map(({ severity, why }) => [severity, why])),
})
