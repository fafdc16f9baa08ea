/** What a policy means for one service, as text. */
import { timeOf } from '../../gateway/present/language.ts'
import type { Texts } from '../../gateway/present/texts.ts'
import { clock, minutes } from './document.ts'
import type { Explained } from './explained.ts'
import { policy as texts } from './texts.ts'

export const linesOf = (explained: Explained): Texts[] => [
  ...(explained.pattern === null
    ? [texts.notNamed(explained.service, explained.policy.services)]
    : askingOf(explained)),
  ...explained.maintenance.map(({ start, end, indicators, isNow }) =>
    isNow
      ? texts.inMaintenance(timeOf(end), indicators)
      : texts.nextMaintenance(timeOf(start), timeOf(end), indicators),
  ),
  ...deploymentsOf(explained),
  ...(explained.pattern === null ? [] : nowOf(explained)),
]

const askingOf = ({ service, pattern, policy }: Explained): Texts[] => [
  texts.asks(service, pattern, policy.leastSeverity),
  texts.forecasts(policy.forecasts ? policy.leastSeverity : null),
  texts.coolDown(minutes(policy.coolDownMs)),
  texts.limits(policy.perHour, policy.perDay),
  ...policy.quietHours.map(({ from, to, zone, leastSeverity }) => texts.quiet(clock(from), clock(to), zone, leastSeverity)), // prettier-ignore
]

function deploymentsOf({ policy: { deployments }, now }: Explained): Texts[] {
  if (deployments.ms === 0) return []
  const { leastSeverity, ms } = deployments
  const last = now?.deployment ?? null
  const delayed = last === null ? [] : [texts.deployed(timeOf(last.start), timeOf(last.end), leastSeverity)]
  return [texts.deployments(minutes(ms), leastSeverity), ...delayed]
}

function nowOf({ policy, now }: Explained): Texts[] {
  if (now === null) return []
  const coolUntil = now.coolUntil === null ? '' : timeOf(now.coolUntil)
  return [
    texts.asked(now.asked.hour, policy.perHour, now.asked.day, policy.perDay),
    ...now.withheld.map(({ severity, why }) => why === null ? texts.would(severity) : texts.wouldNot(severity, why, coolUntil)), // prettier-ignore
  ]
}
