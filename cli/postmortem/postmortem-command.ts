/** `sre postmortem`: has the postmortem of incidents or sessions written, and prints it; `show` and `list` are about those there are. */
import { writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Command, Option } from 'commander'
import type { Postmortem } from '../../gateway/api.generated.ts'
import { helpNote } from '../language.ts'
import { type ClientContext, type ClientOptions, CommandError } from '../login/context.ts'
import { connect, type GatewayClient } from '../login/gateway-client.ts'
import { idFrom, isIdOrPart } from '../login/ids.ts'
import { withClientOptions } from '../login/options.ts'
import { reasonOf } from '../login/reason.ts'
import { findSession, sessionOf } from '../sessions/session-of.ts'
import { addEdit } from './edit.ts'
import { addList } from './list.ts'
import { chartsBeside } from './charts.ts'
import { postmortemOf } from './postmortem-of.ts'
import { postmortem as texts } from './texts.ts'

interface ShowOptions extends ClientOptions {
  format: 'md' | 'json' | 'html'
  output?: string
}
interface PostmortemOptions extends ShowOptions {
  watch?: boolean
}

const POLL_MS = 300
/** A report takes seconds; it may wait behind others. */
const PATIENCE_MS = 30_000

export function addPostmortem(program: Command, context: ClientContext): void {
  const command = program
    .command('postmortem')
    .description('write the postmortem of incidents or sessions: times, impact, cause and action items')
    .argument('<incident|session...>', 'incident ids, or session ids or their last characters')
    .option('--watch', 'wait for the report, however long it takes')
    .addHelpText(
      'after',
      helpNote(context, 'Example: npx sre postmortem <session> --format html --output postmortem.html'),
    )
  withClientOptions(printed(command)).action((ids: string[], options: PostmortemOptions) =>
    postmortem(context, ids, options),
  )
  const show = command
    .command('show')
    .description('print a postmortem that was written')
    .argument('<id>', 'postmortem id, or its last characters', idFrom('sre postmortem list'))
  withClientOptions(printed(show)).action((id: string, _: unknown, asked: Command) =>
    showWritten(context, id, asked.optsWithGlobals()),
  )
  addEdit(command, context)
  addList(command, context)
}

const printed = (command: Command): Command =>
  command
    .addOption(new Option('--format <format>', 'format of the report').choices(['md', 'json', 'html']).default('md'))
    .option('--output <file>', 'write the report to this file, and the charts of Markdown beside it')

async function showWritten(context: ClientContext, asked: string, options: ShowOptions): Promise<void> {
  const client = connect(context, options)
  const id = await postmortemOf(client, asked)
  await print(
    context,
    client,
    await client.ask('getPostmortem', { method: 'GET', path: `/postmortems/${id}` }),
    options,
  )
}

async function postmortem(context: ClientContext, ids: readonly string[], options: PostmortemOptions): Promise<void> {
  const client = connect(context, options)
  const named = await Promise.all(ids.map(async (id) => ({ id, session: await sessionIn(client, id) })))
  const sessions = named.flatMap(({ session }) => session ?? [])
  const incidents = named.filter(({ session }) => session === null).map(({ id }) => id)
  const { postmortem_id: id } = await client.ask('requestPostmortem', {
    method: 'POST',
    path: '/postmortems',
    body: {
      language: context.language,
      ...(sessions.length === 0 ? {} : { session_ids: [...new Set(sessions)] }),
      ...(incidents.length === 0 ? {} : { incident_ids: [...new Set(incidents)] }),
    },
  })
  if (!options.json) context.note(texts.waiting[context.language])
  const found = await written(client, id, options.watch === true ? Number.POSITIVE_INFINITY : PATIENCE_MS)
  if (found === null) {
    context.print(options.json ? JSON.stringify({ postmortem_id: id, status: 'processing' }) : id)
    return context.note(texts.takesLonger(id)[context.language])
  }
  await print(context, client, found, options)
}

async function print(
  context: ClientContext,
  client: GatewayClient,
  found: Postmortem,
  options: ShowOptions,
): Promise<void> {
  const { postmortem_id: id } = found
  if (found.status === 'processing') throw new CommandError(texts.takesLonger(id), { code: 'PROCESSING' })
  if (found.report === null)
    throw new CommandError(texts.noReport(found.error), { code: (found.error_code ?? 'NO_REPORT').toUpperCase() })
  const isJson = options.json === true || options.format === 'json'
  const charts = isJson || options.format !== 'md' ? null : chartsBeside(found, options.output, context.language)
  const text = isJson ? `${JSON.stringify(found)}\n` : await rendered(client, id, options, charts?.name)
  if (options.output === undefined) return text.trimEnd().split('\n').forEach((line) => context.print(line)) // prettier-ignore
  save(options.output, text)
  for (const { file, svg } of charts?.files ?? []) save(file, svg)
  context.note(texts.writtenTo(options.output)[context.language])
  const [first] = charts?.files ?? []
  if (first !== undefined) context.note(texts.chartsWritten(charts!.files.length, first.file)[context.language])
}

const UUID_LENGTH = 36

/** Null: there is no such session. */
async function existing(client: GatewayClient, id: string): Promise<string | null> {
  try {
    await client.ask('getSessionStatus', { method: 'GET', path: `/diagnostics/${id}/status` })
    return id
  } catch (error) {
    if (error instanceof CommandError && error.code === 'RESOURCE_NOT_FOUND') return null
    throw error
  }
}

/** Null: it is an incident. A number or a UUID may be either: it is an incident's if no session has it. */
function sessionIn(client: GatewayClient, id: string): Promise<string | null> {
  if (!isIdOrPart(id)) return Promise.resolve(null)
  if (id.length === UUID_LENGTH) return existing(client, id)
  return /^\d+$/.test(id) ? findSession(client, id) : sessionOf(client, id)
}

/** Null: not within the time. */
async function written(client: GatewayClient, id: string, patienceMs: number): Promise<Postmortem | null> {
  for (const deadline = Date.now() + patienceMs; ; await sleep(POLL_MS)) {
    const found = await client.ask('getPostmortem', { method: 'GET', path: `/postmortems/${id}` })
    if (found.status !== 'processing') return found
    if (Date.now() >= deadline) return null
  }
}

function rendered(client: GatewayClient, id: string, { format }: ShowOptions, charts?: string): Promise<string> {
  const query = new URLSearchParams({ format, time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone, ...(charts === undefined ? {} : { charts }) }) // prettier-ignore
  return client.text({ method: 'GET', path: `/postmortems/${id}?${query}` })
}

function save(file: string, text: string): void {
  try {
    writeFileSync(file, text, { mode: 0o600 })
  } catch (error) {
    throw new CommandError(texts.notWritten(file, reasonOf(error)))
  }
}
