/** `sre forecasts` and `sre forecasts show`: what will be full or spent, as the anomaly agent foretold it. */
import { type Command, Option } from 'commander'
import { handOver } from '../anomalies/hand-over.ts'
import type { ClientContext, ClientOptions } from '../login/context.ts'
import { connect, type GatewayClient } from '../login/gateway-client.ts'
import { idFrom, wholeId } from '../login/ids.ts'
import { parsePage, withClientOptions } from '../login/options.ts'
import { pageOf } from '../texts.ts'
import { detailed, listed } from './listed.ts'

interface ListOptions extends ClientOptions {
  service?: string
  resource?: string
  severity?: string
  state?: string
  page: number
}

export function addForecasts(program: Command, context: ClientContext): void {
  const forecasts = program.command('forecasts').hook('preSubcommand', handOver)
  withClientOptions(
    forecasts
      .description('list what will be full or spent, and when; the open ones first')
      .option('--service <name>', 'only for this service')
      .option('--resource <resource>', 'only of this resource: disk, memory, connections …')
      .addOption(new Option('--severity <severity>', 'only of this severity').choices(['critical', 'warning', 'info']))
      .addOption(new Option('--state <state>', 'only in this state').choices(['open', 'closed']))
      .option('--page <number>', 'page number', parsePage, 1),
  ).action((options: ListOptions) => list(context, options))
  withClientOptions(
    forecasts
      .command('show')
      .description('show one forecast with the way to the limit')
      .argument('<forecast>', 'forecast id, or its last characters', idFrom('sre forecasts')),
  ).action((id: string, options: ClientOptions) => show(context, id, options))
}

async function list(context: ClientContext, options: ListOptions): Promise<void> {
  const { service, resource, severity, state, page: number } = options
  const given = Object.entries({ service, resource, severity, state, page: String(number) }).filter(([, value]) => value !== undefined) // prettier-ignore
  const path = `/forecasts?${new URLSearchParams(given as [string, string][])}`
  const page = await connect(context, options).ask('listForecasts', { method: 'GET', path })
  if (options.json) return context.print(JSON.stringify(page))
  for (const forecast of page.items) listed(forecast, context.language).forEach(context.print)
  context.note(pageOf(page.pagination)[context.language])
}

async function show(context: ClientContext, asked: string, options: ClientOptions): Promise<void> {
  const client = connect(context, options)
  const path = `/forecasts/${await wholeId(asked, newest(client))}`
  const forecast = await client.ask('getForecast', { method: 'GET', path })
  if (options.json) return context.print(JSON.stringify(forecast))
  detailed(forecast, context.language).forEach(context.print)
}

const newest = (client: GatewayClient) => async (): Promise<string[]> => {
  const { items } = await client.ask('listForecasts', { method: 'GET', path: '/forecasts?page_size=100' })
  return items.map(({ forecast_id }) => forecast_id)
}
