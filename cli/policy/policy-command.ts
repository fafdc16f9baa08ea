/** `sre policy`: what asks for a diagnosis by itself. */
import type { Command } from 'commander'
import { NEVER, type Policy, type QuietHours } from '../../agents/anomaly/policy.ts'
import { matchesPattern } from '../../tenants/pattern.ts'
import { readConfig } from '../config.ts'
import { helpNote } from '../language.ts'
import type { ClientContext } from '../login/context.ts'
import { policy as texts } from './texts.ts'

interface ExplainOptions {
  json?: boolean
}

export function addPolicy(program: Command, context: ClientContext): void {
  program
    .command('policy')
    .description('which anomalies and forecasts ask for a diagnosis by themselves (POLICY_FILE)')
    .command('explain')
    .description('say what the policy means for a service')
    .argument('<service>', 'name of the service')
    .option('--json', 'print JSON instead of text')
    .addHelpText('after', helpNote(context, 'Example: POLICY_FILE=policy.yaml npx sre policy explain checkout'))
    .action((service: string, { json }: ExplainOptions) => {
      const config = readConfig(context.environment)
      const policy = config.POLICY_FILE?.policy ?? NEVER
      const asks = policy.services.some((pattern) => matchesPattern(pattern, service))
      if (json) return context.print(JSON.stringify({ service, asks, ...(asks ? documentOf(policy) : {}) }))
      if (config.POLICY_FILE === undefined) return context.print(texts.none[context.language])
      if (!asks) return context.print(texts.notNamed(service, policy.services)[context.language])
      for (const line of linesOf(service, policy)) context.print(line[context.language])
    })
}

const minutes = (ms: number): number => ms / 60_000
const clock = (minute: number): string =>
  [Math.floor(minute / 60), minute % 60].map((part) => String(part).padStart(2, '0')).join(':')

const documentOf = ({ leastSeverity, forecasts, perHour, perDay, coolDownMs, quietHours }: Policy) => ({
  least_severity: leastSeverity,
  forecasts,
  per_hour: perHour,
  per_day: perDay,
  cool_down_minutes: minutes(coolDownMs),
  quiet_hours: quietHours.map(({ from, to, zone, leastSeverity: least }) => ({ from: clock(from), to: clock(to), zone, least_severity: least })), // prettier-ignore
})

const linesOf = (service: string, { leastSeverity, forecasts, perHour, perDay, coolDownMs, quietHours }: Policy) => [
  texts.asks(service, leastSeverity),
  texts.forecasts(forecasts ? leastSeverity : null),
  texts.coolDown(minutes(coolDownMs)),
  texts.limits(perHour, perDay),
  ...quietHours.map(({ from, to, zone, leastSeverity: least }: QuietHours) =>
    texts.quiet(clock(from), clock(to), zone, least),
  ),
]
