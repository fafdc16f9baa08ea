/** `sre capacity`: how long what services use still fits. */
import { Option } from 'commander'
import type { Command } from 'commander'
import type { CapacityAnalysisResponse, CapacityRequest, ResourceCapacity, Task } from '../../gateway/api.generated.ts'
import { sparkline } from '../analyze/sparkline.ts'
import { table } from '../analyze/table.ts'
import { CommandError } from '../login/context.ts'
import type { ClientContext, ClientOptions } from '../login/context.ts'
import { connect } from '../login/gateway-client.ts'
import { withClientOptions } from '../login/options.ts'

interface CapacityOptions extends ClientOptions {
  metric: CapacityRequest['metric_type']
  days: number
  namespace?: string
}

const WIDTH = 60

export function addCapacity(program: Command, context: ClientContext): void {
  const command = program
    .command('capacity')
    .description('how long what services use still fits, and what to do about it')
    .argument('<service...>', 'the services, or hosts, to look at')
    .addOption(
      new Option('--metric <type>', 'what they use')
        .choices(['cpu', 'memory', 'disk', 'network'])
        .makeOptionMandatory(),
    )
    .option('--days <number>', 'how many days to look ahead: 7 to 365', daysFrom, 30)
    .option('--namespace <name>', 'their namespace')
    .addHelpText('after', '\nExample: npx sre capacity cart orders --metric memory --days 60')
  withClientOptions(command).action((services: string[], options: CapacityOptions) => capacity(context, services, options)) // prettier-ignore
}

function daysFrom(text: string): number {
  const days = Number(text)
  if (!Number.isInteger(days) || days < 7 || days > 365)
    throw new CommandError(`--days is a whole number from 7 to 365, not ${text}`)
  return days
}

async function capacity(context: ClientContext, services: string[], options: CapacityOptions): Promise<void> {
  const answer = await connect(context, options).ask('diagnoseCapacity', {
    method: 'POST',
    path: '/diagnostics/capacity',
    body: {
      resource_ids: [...new Set(services)],
      metric_type: options.metric,
      forecast_days: options.days,
      ...(options.namespace === undefined ? {} : { namespace: options.namespace }),
    },
  })
  if (options.json) return context.print(JSON.stringify(answer))
  if (!isAnswer(answer)) {
    context.print(answer.session_id)
    return context.note(`it takes longer than a request may wait: npx sre show ${answer.session_id}`)
  }
  context.print(capacityReport(answer))
}

const isAnswer = (answer: CapacityAnalysisResponse | Task): answer is CapacityAnalysisResponse => 'resources' in answer

/** A row for each resource, its history and what is expected as one line, and what to do. */
export function capacityReport({ resources, missing, summary }: CapacityAnalysisResponse): string {
  const rows = resources.map(({ resource, indicator, unit, current_usage: usage, forecast }) => [
    resource,
    indicator,
    amount(usage.average, unit),
    amount(usage.percentile_95, unit),
    amount(usage.peak, unit),
    forecast.trend,
    daysOf(forecast),
  ])
  const head = ['resource', 'indicator', 'average', 'p95', 'peak', 'trend', 'days to capacity']
  const lines = resources.flatMap(({ resource, chart_data: chart, recommendations }) => [
    `${resource}  ${sparkline(
      chart.map((point) => point.historical ?? point.predicted ?? Number.NaN),
      WIDTH,
    )}  (history, then forecast)`,
    ...recommendations.map(
      (one) => `  ${one.type} to ${one.recommended_allocation} × (${one.priority}): ${one.reasoning}`,
    ),
  ])
  return [summary, '', table([head, ...rows], 120).trimEnd(), '', ...lines, ...missing.map((text) => `! ${text}`)].join(
    '\n',
  )
}

const amount = (value: number, unit: string): string =>
  unit === 'ratio' ? `${(value * 100).toFixed(1)}%` : `${Number(value.toPrecision(3))} ${unit}`.trim()

function daysOf({
  days_to_capacity: days,
  days_to_capacity_interval: { earliest, latest },
}: ResourceCapacity['forecast']): string {
  if (days === null) return '-'
  return `${days.toFixed(0)} (${earliest === null ? '?' : earliest.toFixed(0)} to ${latest === null ? 'not in sight' : latest.toFixed(0)})`
}
