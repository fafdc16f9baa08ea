import { Option } from 'commander'
import type { Command } from 'commander'
import type { AlertDiagnosticRequest } from '../../gateway/api.generated.ts'
import { CommandError } from '../login/context.ts'
import type { ClientContext } from '../login/context.ts'
import { connect } from '../login/gateway-client.ts'
import { withClientOptions } from '../login/options.ts'
import { asking } from '../texts.ts'
import { parseDuration } from './duration.ts'
import { watch, type WatchOptions } from './watch.ts'
import { helpNote } from '../language.ts'

interface DiagnoseOptions extends WatchOptions {
  service?: string
  namespace?: string
  since: number
  deployment?: string
  alert?: string[]
  incident?: string[]
  severity: 'P0' | 'P1' | 'P2' | 'P3'
  watch?: boolean
  wait: boolean
}

const collect = (value: string, before: string[] = []): string[] => [...before, value]

const EXITS = 'Exit codes: 0 diagnosed (with --no-wait: accepted), 1 no diagnosis, 2 usage error, 3 a verdict of --fail-on, 4 unknown service' // prettier-ignore

/** `sre diagnose`. */
export function addDiagnose(program: Command, context: ClientContext): void {
  const command = program
    .command('diagnose')
    .description('find out what is wrong, since when, and why')
    .option('--service <name>', 'service to diagnose')
    .option('--namespace <name>', 'its namespace')
    .addOption(
      new Option('--since <time>', 'how far back to look: 90s, 30m, 2h, 1d')
        .argParser(parseDuration)
        .default(parseDuration('30m'), '30m'),
    )
    .option('--deployment <id>', 'a suspected deployment (with --service)')
    .option('--alert <id>', 'alert to explain; repeatable', collect)
    .option('--incident <id>', 'related incident; repeatable', collect)
    .addOption(new Option('--severity <level>', 'severity').choices(['P0', 'P1', 'P2', 'P3']).default('P2'))
    .option('--watch', 'after the diagnosis, wait until its actions are decided and verified, and print what happens')
    .option('--no-wait', 'print the id of the session as soon as the request is accepted')
    .addOption(
      new Option('--fail-on <verdict...>', 'exit with 3 on this verdict').choices([
        'incident',
        'inconclusive',
        'nothing_wrong',
      ]),
    )
    .option('--verbose', 'show every query')
    .addHelpText('after', helpNote(context, 'Example: npx sre diagnose --service cart --since 30m --watch'))
    .addHelpText('after', helpNote(context, EXITS))
  withClientOptions(command).action((options: DiagnoseOptions) => diagnose(context, options))
}

async function diagnose(context: ClientContext, options: DiagnoseOptions): Promise<void> {
  if (!options.wait && (options.watch === true || options.failOn !== undefined)) throw new CommandError(asking.waits)
  const body = question(context, options)
  const client = connect(context, options)
  const task = await client.ask('diagnoseAlerts', { method: 'POST', path: '/diagnostics/alerts', body })
  if (options.wait) await watch(context, client, task.session_id, options, options.watch ? 'end' : 'verdict')
  else context.print(options.json ? JSON.stringify(task) : task.session_id)
  if (!options.json && !options.watch) context.note(`npx sre show ${task.session_id}`)
}

function rangeOf({ now }: ClientContext, { since }: DiagnoseOptions) {
  const end = now()
  return { start: new Date(end - since).toISOString(), end: new Date(end).toISOString() }
}

function question(context: ClientContext, options: DiagnoseOptions): AlertDiagnosticRequest {
  const { alert, incident, service, namespace, severity, deployment } = options
  if (deployment !== undefined && service === undefined) throw new CommandError(asking.whichService)
  if (alert === undefined && incident === undefined && service === undefined) throw new CommandError(asking.about)
  return {
    severity,
    time_range: rangeOf(context, options),
    ...(alert === undefined ? {} : { alert_ids: alert }),
    ...(incident === undefined ? {} : { incident_ids: incident }),
    ...(service === undefined ? {} : { affected_services: [service] }),
    context: {
      ...(namespace === undefined ? {} : { namespace }),
      ...(deployment === undefined ? {} : { deployment_id: deployment }),
    },
  }
}
