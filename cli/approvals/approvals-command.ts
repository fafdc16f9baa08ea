import { type Command, Option } from 'commander'
import { wordIn } from '../../gateway/present/words.ts'
import { actionHash } from '../../schemas/action-hash.ts'
import { CommandError } from '../login/context.ts'
import type { ClientContext, ClientOptions } from '../login/context.ts'
import { connect } from '../login/gateway-client.ts'
import { idFrom, wholeId } from '../login/ids.ts'
import { parsePage, withClientOptions } from '../login/options.ts'
import { asking, pageOf } from '../texts.ts'
import { renderApproval } from './render.ts'
import { approvals } from './texts.ts'

interface ListOptions extends ClientOptions {
  status: string
  page: number
}

interface DecideOptions extends ClientOptions {
  reason: string
  yes?: boolean
}

const STATES = ['pending', 'decided', 'approved', 'rejected', 'expired', 'refused', 'joined', 'overtaken', 'all']

/** `sre approvals`, `sre approve` and `sre reject`. */
export function addApprovals(program: Command, context: ClientContext): void {
  withClientOptions(
    program
      .command('approvals')
      .description('list actions waiting for approval, newest first')
      .addOption(new Option('--status <status>', 'only in this state').choices(STATES).default('pending'))
      .option('--page <number>', 'page number', parsePage, 1),
  ).action((options: ListOptions) => list(context, options))
  for (const [name, decision] of [
    ['approve', 'approved'],
    ['reject', 'rejected'],
  ] as const) {
    withClientOptions(
      program
        .command(name)
        .description(`${name} one exact action as the signed-in user`)
        .argument('<approval>', 'approval id, or its last characters', idFrom('sre approvals'))
        .requiredOption('--reason <text>', 'reason, for the audit trail')
        .option('--yes', 'do not ask for confirmation'),
    ).action((id: string, options: DecideOptions) => decide(context, { id, decision }, options))
  }
}

async function list(context: ClientContext, options: ListOptions): Promise<void> {
  const query = new URLSearchParams({ page: String(options.page) })
  if (options.status !== 'all') query.set('status', options.status)
  const page = await connect(context, options).ask('listApprovals', { method: 'GET', path: `/approvals?${query}` })
  if (options.json) return context.print(JSON.stringify(page))
  for (const approval of page.items) for (const line of renderApproval(approval, context.language)) context.print(line)
  context.note(pageOf(page.pagination)[context.language])
}

/** Sends the hash of the action shown here; if the approval has a different hash, the gateway refuses. */
async function decide(
  context: ClientContext,
  { id, decision }: { id: string; decision: 'approved' | 'rejected' },
  options: DecideOptions,
): Promise<void> {
  const client = connect(context, options)
  const whole = await wholeId(id, async () => {
    const { items } = await client.ask('listApprovals', { method: 'GET', path: '/approvals?page_size=100' })
    return items.map(({ approval_id }) => approval_id)
  })
  const path = `/approvals/${whole}`
  const seen = await client.ask('getApproval', { method: 'GET', path })
  const joined = seen.closed?.joined_approval ?? null
  if (joined !== null) throw new CommandError(approvals.decideOn(joined))
  if (!options.json) for (const line of renderApproval(seen, context.language)) context.note(line)
  const sure = options.yes || context.askYes === null || (await context.askYes(asking.sure[decision][context.language]))
  if (!sure) throw new CommandError(asking.undecided)
  const answer = await client.ask('decideApproval', {
    method: 'POST',
    path: `${path}/decision`,
    body: { decision, reason: options.reason, action_hash: actionHash(seen.action) },
  })
  if (options.json) return context.print(JSON.stringify(answer))
  const said = wordIn(context.language, decision)
  const next =
    answer.status === 'pending'
      ? approvals.anotherNext(said, answer.approvals.length, answer.approvals_needed)
      : asking.judgedNext(said, answer.session_id)
  context.print(next[context.language])
}
