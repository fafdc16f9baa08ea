/** `sre feedback`: says whether a diagnosis was right. */
import { Argument, type Command } from 'commander'
import { JUDGEMENTS, type Judgement } from '../../postmortem/judgements.ts'
import type { ClientContext, ClientOptions } from '../login/context.ts'
import { connect } from '../login/gateway-client.ts'
import { idFrom } from '../login/ids.ts'
import { withClientOptions } from '../login/options.ts'
import { sessionOf } from '../sessions/session-of.ts'
import { feedbackLine } from './render.ts'

interface FeedbackOptions extends ClientOptions {
  rootCause?: string
  note?: string
}

export function addFeedback(program: Command, context: ClientContext): void {
  withClientOptions(
    program
      .command('feedback')
      .description('say whether a diagnosis was right')
      .argument('<session>', 'session id, or its last characters', idFrom('sre sessions'))
      .addArgument(new Argument('<verdict>', 'your verdict on it').choices(JUDGEMENTS))
      .option('--root-cause <text>', 'what the cause was')
      .option('--note <text>', 'a remark'),
  ).action((session: string, verdict: Judgement, options: FeedbackOptions) => give(context, session, verdict, options))
}

async function give(
  context: ClientContext,
  asked: string,
  verdict: Judgement,
  { rootCause, note, ...options }: FeedbackOptions,
): Promise<void> {
  const client = connect(context, options)
  const answer = await client.ask('giveFeedback', {
    method: 'POST',
    path: `/diagnostics/${await sessionOf(client, asked)}/feedback`,
    body: {
      verdict,
      ...(rootCause === undefined ? {} : { root_cause: rootCause }),
      ...(note === undefined ? {} : { note }),
    },
  })
  context.print(options.json ? JSON.stringify(answer) : feedbackLine(answer, context.language))
}
