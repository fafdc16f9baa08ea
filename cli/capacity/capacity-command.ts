/** `sre capacity`: forecasts when services run out of capacity. */
import { InvalidArgumentError, Option } from 'commander'
import type { Command } from 'commander'
import type { CapacityAnalysisResponse, CapacityRequest, ResourceCapacity, Task } from '../../gateway/api.generated.ts'
import type { Language } from '../../gateway/present/language.ts'
import { noted, wordIn } from '../../gateway/present/words.ts'
import { sparkline } from '../analyze/sparkline.ts'
import { table } from '../analyze/table.ts'
import type { ClientContext, ClientOptions } from '../login/context.ts'
import { connect } from '../login/gateway-client.ts'
import { withClientOptions } from '../login/options.ts'
import { type Line, painted } from '../terminal/line.ts'
import { asking, capacity as texts } from '../texts.ts'
import { helpNote } from '../language.ts'

interface CapacityOptions extends ClientOptions {
  metric: CapacityRequest['metric_type']
  days: number
  namespace?: string
}

const WIDTH = 60

export function addCapacity(program: Command, context: ClientContext): void {
  const command = program
    .command('capacity')
    .description('forecast when services run out of capacity, and what to do about it')
    .argument('<service...>', 'services or hosts to assess')
    .addOption(
      new Option('--metric <type>', 'resource to assess')
        .choices(['cpu', 'memory', 'disk', 'network'])
        .makeOptionMandatory(),
    )
    .option('--days <number>', 'forecast horizon in days, 7 to 365', daysFrom, 30)
    .option('--namespace <name>', 'their namespace')
    .addHelpText('after', helpNote(context, 'Example: npx sre capacity cart orders --metric memory --days 60'))
  withClientOptions(command).action((services: string[], options: CapacityOptions) => capacity(context, services, options)) // prettier-ignore
}

function daysFrom(text: string): number {
  const days = Number(text)
  if (!Number.isInteger(days) || days < 7 || days > 365)
    throw new InvalidArgumentError('expected a whole number from 7 to 365')
  return days
}

async function capacity(context: ClientContext, services: string[], options: CapacityOptions): Promise<void> {
  const client = connect(context, options)
  if (!options.json) context.note(asking.waiting[context.language])
  const answer = await client.ask('diagnoseCapacity', {
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
    return context.note(asking.takesLonger(answer.session_id)[context.language])
  }
  for (const line of capacityReport(answer, context.language, context.columns)) context.print(line)
}

const isAnswer = (answer: CapacityAnalysisResponse | Task): answer is CapacityAnalysisResponse => 'resources' in answer

/** Per resource: a table row, a sparkline of history and forecast, and the advice. */
export function capacityReport(
  { resources, missing, summary }: CapacityAnalysisResponse,
  language: Language,
  columns: number,
): Line[] {
  const word = (one: string) => wordIn(language, one)
  const rows = resources.map(({ resource, instance, indicator, unit, current_usage: usage, forecast }) => [
    ...[nameOf(resource, instance, language), indicator],
    ...[usage.average, usage.percentile_95, usage.peak].map((value) => amount(value, unit)),
    ...[forecast.trend === 'unknown' ? texts.noTrend[language] : word(forecast.trend), daysOf(forecast, language)],
  ])
  const lines = resources.flatMap(({ resource, instance, chart_data: chart, recommendations }) => [
    painted`${nameOf(resource, instance, language)}  ${sparkline(
      chart.map((point) => point.historical ?? point.predicted ?? Number.NaN),
      WIDTH,
    )}  ${(chart.some(({ predicted }) => predicted !== null) ? texts.chart : texts.history)[language]}`,
    ...recommendations.map(
      ({ type, recommended_allocation: times, priority, reasoning }) =>
        texts.advice(word(type), times, word(priority), reasoning)[language],
    ),
  ])
  const shown = table([texts.titles[language], ...rows], columns)
  return [summary, '', ...shown, '', ...lines, ...missing.map((text) => `! ${text}`)]
}

const nameOf = (resource: string, instance: string | undefined, language: Language): string =>
  noted(language, resource, instance ?? '')

/** Bytes in their usual multiples of 1024. */
export function amount(value: number, unit: string): string {
  if (unit === 'ratio') return `${(value * 100).toFixed(1)}%`
  const [, per] = /^bytes(\/s)?$/.exec(unit) ?? [null, null]
  if (per === null) return `${rounded(value)} ${unit}`.trim()
  const power = Math.min(BINARY.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, Math.abs(value))) / 10)))
  return `${rounded(value / 1024 ** power)} ${BINARY[power]}${per ?? ''}`
}

const BINARY = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const
const rounded = (value: number): number => Number(value.toPrecision(3))

function daysOf(forecast: ResourceCapacity['forecast'], language: Language): string {
  const { earliest, latest } = forecast.days_to_capacity_interval
  if (forecast.days_to_capacity === null) return '-'
  const [days = '', from = '?', to = null] = [forecast.days_to_capacity, earliest, latest].map((one) => one?.toFixed(0))
  return texts.days(days, from, to)[language]
}
