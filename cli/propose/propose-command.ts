/** `sre propose`: proposes an action of the catalogue for a diagnosed session. */
import { type Command, InvalidArgumentError } from 'commander'
import type { Approval, ProposalTaken } from '../../gateway/api.generated.ts'
import { both } from '../../gateway/present/texts.ts'
import { renderApproval } from '../approvals/render.ts'
import type { ClientContext, ClientOptions } from '../login/context.ts'
import { connect } from '../login/gateway-client.ts'
import { idFrom } from '../login/ids.ts'
import { withClientOptions } from '../login/options.ts'
import { sessionOf } from '../sessions/session-of.ts'

interface ProposeOptions extends ClientOptions {
  reason: string
  param?: Readonly<Record<string, string>>
  service?: string
  namespace?: string
}

export function addPropose(program: Command, context: ClientContext): void {
  withClientOptions(
    program
      .command('propose')
      .description('propose an action for a diagnosed session; it runs only if another person approves')
      .argument('<session>', 'session id, or its last characters', idFrom('sre sessions'))
      .argument('<action>', 'action of the catalogue, such as rollback')
      .requiredOption('--reason <text>', 'why, for those who decide')
      .option('--param <name=value>', 'parameter of the action; repeatable', parameterFrom)
      .option('--service <name>', 'service to act on (default: the first cause)')
      .option('--namespace <name>', 'its namespace'),
  ).action((session: string, action: string, options: ProposeOptions) => propose(context, session, action, options))
}

function parameterFrom(text: string, known: Readonly<Record<string, string>> = {}): Record<string, string> {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? []
  if (name === undefined || value === undefined) throw new InvalidArgumentError('expected NAME=VALUE')
  return { ...known, [name]: value }
}

async function propose(
  context: ClientContext,
  asked: string,
  action: string,
  { reason, param: parameters, service, namespace, ...options }: ProposeOptions,
): Promise<void> {
  const client = connect(context, options)
  const answer = await client.ask('proposeAction', {
    method: 'POST',
    path: `/diagnostics/${await sessionOf(client, asked)}/proposals`,
    body: {
      ...{ action, reason },
      ...(parameters === undefined ? {} : { parameters }),
      ...(service === undefined ? {} : { service }),
      ...(namespace === undefined ? {} : { namespace }),
    },
  })
  if (options.json) return context.print(JSON.stringify(answer))
  if (!isApproval(answer)) {
    context.print(answer.approval_id)
    return context.note(answer.message)
  }
  for (const line of renderApproval(answer, context.language)) context.print(line)
  if (answer.status === 'pending') context.note(texts.next(answer.approval_id)[context.language])
}

const isApproval = (answer: Approval | ProposalTaken): answer is Approval => 'action_hash' in answer

const texts = {
  next: (id: string) =>
    both(
      `another person decides: npx sre approve ${id} --reason "…"`,
      `須由另一個人決定：npx sre approve ${id} --reason "…"`,
    ),
} as const
