/** `sre anomalies` and `sre anomalies show`: what the anomaly agent announced. */
import { type Command, Option } from 'commander'
import { type ClientContext, type ClientOptions, CommandError } from '../login/context.ts'
import { connect } from '../login/gateway-client.ts'
import { idFrom, wholeId } from '../login/ids.ts'
import { parsePage, withClientOptions } from '../login/options.ts'
import { pageOf } from '../texts.ts'
import { addExpect } from './expect.ts'
import { follow } from './follow.ts'
import { handOver } from './hand-over.ts'
import { detailed, listed } from './listed.ts'
import { newest } from './newest.ts'
import { listing as texts } from './texts.ts'

interface ListOptions extends ClientOptions {
  service?: string
  severity?: string
  state?: string
  page: number
  watch?: boolean
}

/** Returns the command, for what else is about anomalies. */
export function addAnomalyList(program: Command, context: ClientContext): Command {
  const anomalies = program.command('anomalies').hook('preSubcommand', handOver)
  withClientOptions(
    anomalies
      .description('list what is unusual in the measurements of services, open anomalies first')
      .option('--service <name>', 'only for this service')
      .addOption(new Option('--severity <severity>', 'only of this severity').choices(['critical', 'warning', 'info']))
      .addOption(new Option('--state <state>', 'only in this state').choices(['open', 'closed']))
      .option('--page <number>', 'page number', parsePage, 1)
      .option('--watch', 'keep running, and print what opens, changes and closes'),
  ).action((options: ListOptions, command: Command) => {
    const isPart = options.state !== undefined || command.getOptionValueSource('page') !== 'default'
    if (options.watch && isPart) throw new CommandError(texts.watchesAll)
    return options.watch ? watch(context, options) : list(context, options)
  })
  withClientOptions(
    anomalies
      .command('show')
      .description('show one anomaly with all its series')
      .argument('<anomaly>', 'anomaly id, or its last characters', idFrom('sre anomalies')),
  ).action((id: string, options: ClientOptions) => show(context, id, options))
  addExpect(anomalies, context)
  return anomalies
}

function filterOf({ service, severity, state }: ListOptions): URLSearchParams {
  const given = Object.entries({ service, severity, state }).filter(([, value]) => value !== undefined)
  return new URLSearchParams(given as [string, string][])
}

async function list(context: ClientContext, options: ListOptions): Promise<void> {
  const query = filterOf(options)
  query.set('page', String(options.page))
  const page = await connect(context, options).ask('listAnomalies', { method: 'GET', path: `/anomalies?${query}` })
  if (options.json) return context.print(JSON.stringify(page))
  for (const anomaly of page.items) listed(anomaly, context.language).forEach(context.print)
  context.note(pageOf(page.pagination)[context.language])
}

const watch = (context: ClientContext, options: ListOptions): Promise<void> =>
  follow(context, connect(context, options), filterOf(options), { json: options.json === true })

async function show(context: ClientContext, asked: string, options: ClientOptions): Promise<void> {
  const client = connect(context, options)
  const path = `/anomalies/${await wholeId(asked, newest(client))}`
  const anomaly = await client.ask('getAnomaly', { method: 'GET', path })
  if (options.json) return context.print(JSON.stringify(anomaly))
  detailed(anomaly, context.language).forEach(context.print)
}
