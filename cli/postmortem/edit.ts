/** `sre postmortem edit`: people complete a postmortem in their editor, or from a file. A refused change stays in its file. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type Command, Option } from 'commander'
import type { Postmortem, PostmortemRevision } from '../../gateway/api.generated.ts'
import { labelled, readable } from '../../gateway/present/words.ts'
import { DOCUMENT_STATES } from '../../postmortem/edits.ts'
import { type ClientContext, type ClientOptions, CommandError } from '../login/context.ts'
import { connect, type GatewayClient } from '../login/gateway-client.ts'
import { idFrom } from '../login/ids.ts'
import { withClientOptions } from '../login/options.ts'
import { reasonOf } from '../login/reason.ts'
import { changesIn, fileOf, readFile } from './edited-file.ts'
import { editing as texts, postmortem } from './texts.ts'
import { postmortemOf } from './postmortem-of.ts'

interface EditOptions extends ClientOptions {
  file?: string
  print?: boolean
  state?: PostmortemRevision['state']
}

export function addEdit(command: Command, context: ClientContext): void {
  const edit = command
    .command('edit')
    .description('complete a postmortem in your editor (VISUAL, EDITOR): summary, notes, action items and state')
    .argument('<id>', 'postmortem id, or its last characters', idFrom('sre postmortem list'))
    .option('--print', 'print the file to edit, and change nothing')
    .option('--file <file>', 'the edited file; -: standard input')
    .addOption(new Option('--state <state>', 'only this state').choices(DOCUMENT_STATES).conflicts(['file', 'print']))
  withClientOptions(edit).action((id: string, _: unknown, asked: Command) =>
    change(context, id, asked.optsWithGlobals()),
  )
}

async function change(context: ClientContext, asked: string, options: EditOptions): Promise<void> {
  const client = connect(context, options)
  const id = await postmortemOf(client, asked)
  const found = await client.ask('getPostmortem', { method: 'GET', path: `/postmortems/${id}` })
  if (found.report === null || found.revision === null)
    throw new CommandError(postmortem.noReport(found.error), { code: (found.error_code ?? 'NO_REPORT').toUpperCase() })
  if (options.print) return fileOf(found, context.language).trimEnd().split('\n').forEach((line) => context.print(line)) // prettier-ignore
  if (options.state !== undefined) return send(context, client, options, found, { revision: found.revision, state: options.state }) // prettier-ignore
  if (options.file !== undefined) {
    const given = options.file === '-' ? await context.readStdin() : contentOf(options.file)
    return send(context, client, options, found, changesIn(readFile(given), found, context.language))
  }
  const file = join(mkdtempSync(join(tmpdir(), 'sre-postmortem-')), 'postmortem.yaml')
  writeFileSync(file, fileOf(found, context.language), { mode: 0o600 })
  try {
    openEditor(context, file)
    await send(context, client, options, found, changesIn(readFile(contentOf(file)), found, context.language))
  } catch (error) {
    context.note(texts.kept(file)[context.language])
    throw error
  }
  rmSync(dirname(file), { recursive: true })
}

async function send(
  context: ClientContext,
  client: GatewayClient,
  options: EditOptions,
  { postmortem_id: id }: Postmortem,
  body: PostmortemRevision,
): Promise<void> {
  if (Object.keys(body).length === 1) return context.note(texts.unchanged[context.language])
  const { language } = context
  const answer = await client.ask('revisePostmortem', { method: 'PATCH', path: `/postmortems/${id}`, body })
  if (options.json) return context.print(JSON.stringify(answer))
  const { revision, state } = answer.postmortem
  context.print(texts.done(revision ?? 0, readable(language, state ?? ''))[language])
  for (const { field, message } of answer.warnings) context.note(labelled(language, field.replace(/^body\./, ''), message)) // prettier-ignore
}

function openEditor({ environment, askYes }: ClientContext, file: string): void {
  const editor = environment['VISUAL'] || environment['EDITOR']
  if (askYes === null || editor === undefined || editor === '') throw new CommandError(texts.noEditor)
  const { status } = spawnSync('sh', ['-c', `${editor} "$1"`, 'sh', file], { stdio: 'inherit' })
  if (status !== 0) throw new CommandError(texts.editorFailed(editor))
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new CommandError(texts.notRead(file, reasonOf(error)))
  }
}
