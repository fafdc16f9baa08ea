import cliTruncate from 'cli-truncate'
import { type Command, Option } from 'commander'
import type { Approval, SessionSummary } from '../../gateway/api.generated.ts'
import type { Language } from '../../gateway/present/language.ts'
import { readable } from '../../gateway/present/words.ts'
import { visible } from '../../schemas/visible.ts'
import { table } from '../analyze/table.ts'
import { renderApproval } from '../approvals/render.ts'
import { renderResult, type Since } from '../diagnose/render.ts'
import { watch, type WatchOptions } from '../diagnose/watch.ts'
import { feedbackLine } from '../feedback/render.ts'
import { CommandError, type ClientContext, type ClientOptions } from '../login/context.ts'
import { connect, type GatewayClient } from '../login/gateway-client.ts'
import { idFrom } from '../login/ids.ts'
import { parsePage, withClientOptions } from '../login/options.ts'
import { asking, pageOf } from '../texts.ts'
import { sessionOf } from './session-of.ts'

interface ListOptions extends ClientOptions {
  /** full ids, times, targets and findings */
  wide?: boolean
  service?: string
  status?: string
  page: number
}

const STATES = ['processing', 'awaiting_approval', 'acting', 'completed', 'partial', 'failed', 'cancelled']

/** `sre sessions`, `sre show` and `sre cancel`. */
export function addSessions(program: Command, context: ClientContext): void {
  withClientOptions(
    program
      .command('sessions')
      .description('list diagnoses, newest first')
      .option('--service <name>', 'only for this service')
      .addOption(new Option('--status <status>', 'only in this state').choices(STATES))
      .option('--page <number>', 'page number', parsePage, 1)
      .option('--wide', 'full ids and findings, without truncating lines'),
  ).action((options: ListOptions) => list(context, options))
  withClientOptions(
    program
      .command('show')
      .description('show one diagnosis with its result')
      .argument('<session>', 'session id, or its last characters', idFrom('sre sessions'))
      .option('--watch', 'wait until the session ends, and print what happens')
      .option('--verbose', 'with --watch: show every query'),
  ).action((session: string, options: WatchOptions & { watch?: boolean }) => show(context, session, options))
  withClientOptions(
    program
      .command('cancel')
      .description('stop a running diagnosis at its next step')
      .argument('<session>', 'session id, or its last characters', idFrom('sre sessions')),
  ).action(async (asked: string, options: ClientOptions) => {
    const client = connect(context, options)
    const path = `/sessions/${await sessionOf(client, asked)}`
    const task = await client.ask('cancelSession', { method: 'DELETE', path })
    context.print(options.json ? JSON.stringify(task) : task.message)
  })
}

async function list(context: ClientContext, options: ListOptions): Promise<void> {
  const query = new URLSearchParams({ page: String(options.page) })
  if (options.service !== undefined) query.set('service', options.service)
  if (options.status !== undefined) query.set('status', options.status)
  const page = await connect(context, options).ask('listSessions', {
    method: 'GET',
    path: `/diagnostics/history?${query}`,
  })
  if (options.json) return context.print(JSON.stringify(page))
  const row = options.wide ? wideRow : shortRow
  const rows = page.items.map((session) => row(session, context.language))
  const columns = options.wide ? Number.POSITIVE_INFINITY : context.columns
  if (rows.length > 0) table([asking.titles[context.language], ...rows], columns).forEach(context.print)
  context.note(pageOf(page.pagination)[context.language])
}

const wideRow = ({ session_id, requested_at, status, service, kind, summary }: SessionSummary, language: Language) => [
  session_id,
  `${requested_at.slice(0, 19)}Z`,
  readable(language, status),
  service ?? readable(language, kind),
  summary ?? '',
]

/** Leaves room for the finding on 80 columns: the end of the id is enough for every command, and sessions are kept for weeks. */
function shortRow(session: SessionSummary, language: Language): string[] {
  const [id = '', at = '', state = '', target = '', finding = ''] = wideRow(session, language)
  return [id.slice(-6), at.slice(5, 16).replace('T', ' '), state, cliTruncate(visible(target), TARGET_WIDTH), finding]
}

const TARGET_WIDTH = 16

async function show(context: ClientContext, asked: string, options: WatchOptions & { watch?: boolean }): Promise<void> {
  const client = connect(context, options)
  const session = await sessionOf(client, asked)
  if (options.watch) return watch(context, client, session, options)
  const path = `/diagnostics/${session}/status`
  const found = await client.ask('getSessionStatus', { method: 'GET', path })
  const approvals = await approvalsOf(client, found.approvals)
  if (options.json) return context.print(JSON.stringify({ ...found, approvals }))
  const word = (one: string) => readable(context.language, one)
  // 100 % progress next to a confidence would look like a confidence
  const share = found.status === 'processing' ? [asking.done(found.progress)[context.language]] : []
  context.print([found.session_id, word(found.status), ...share, found.service ?? word(found.kind)].join('  '))
  if (found.error !== null) context.print(found.error)
  if (found.result !== null)
    for (const line of renderResult(found.result, context.language, sinceThen(approvals))) context.print(line)
  else if (found.message !== null) context.print(found.message)
  for (const approval of approvals) for (const line of renderApproval(approval, context.language)) context.print(line)
  for (const one of found.feedback) context.print(feedbackLine(one, context.language))
}

function sinceThen(approvals: readonly Approval[]): Since {
  const helped = approvals.find(({ outcome }) => outcome?.effect === 'helped')?.outcome
  return {
    isOpen: (id) => approvals.some((one) => one.approval_id === id && one.status === 'pending'),
    mitigatedAt: helped?.finished_at ?? null,
  }
}

/** Includes the open approvals that these joined, because their decision applies here too. */
async function approvalsOf(client: GatewayClient, ids: readonly string[]): Promise<Approval[]> {
  const ask = (id: string) => client.ask('getApproval', { method: 'GET', path: `/approvals/${id}` })
  const own = await Promise.all(ids.map(ask))
  const joined = own.flatMap(({ closed }) => closed?.joined_approval ?? [])
  const others = [...new Set(joined)].filter((id) => !ids.includes(id))
  return [...own, ...(await Promise.all(others.map((id) => ask(id).catch(orUnknown)))).flat()]
}

/** A closed approval can refer to one of another tenant. */
function orUnknown(error: unknown): [] {
  if (error instanceof CommandError && error.code === 'RESOURCE_NOT_FOUND') return []
  throw error
}
