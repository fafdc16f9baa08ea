/** `sre evidence`: shows the query and the answer behind one evidence id. */
import type { Command } from 'commander'
import type { DiagnosticStatus } from '../../gateway/api.generated.ts'
import { CommandError, type ClientContext, type ClientOptions } from '../login/context.ts'
import { connect, type GatewayClient } from '../login/gateway-client.ts'
import { idFrom, wholeId } from '../login/ids.ts'
import { withClientOptions } from '../login/options.ts'
import { sessionOf } from '../sessions/session-of.ts'
import { evidence as texts } from '../texts.ts'
import { renderEvidence } from './render.ts'

interface EvidenceOptions extends ClientOptions {
  session?: string
}

/** Number of recent diagnoses searched for the id, with one request each. */
const LOOKED_THROUGH = 20

export function addEvidence(program: Command, context: ClientContext): void {
  withClientOptions(
    program
      .command('evidence')
      .description("show one piece of evidence: the query and the source's answer")
      .argument('<evidence>', 'evidence id as cited by sre show, or its last characters', idFrom('sre show'))
      .option('--session <id>', 'the diagnosis that cites it (default: searched among the newest)', idFrom('sre sessions')), // prettier-ignore
  ).action((asked: string, options: EvidenceOptions) => show(context, asked, options))
}

async function show(context: ClientContext, asked: string, options: EvidenceOptions): Promise<void> {
  const client = connect(context, options)
  const { session, id } = await find(client, asked, options.session)
  const path = `/diagnostics/${session}/evidence/${id}`
  const found = await client.ask('getEvidence', { method: 'GET', path })
  if (options.json) return context.print(JSON.stringify(found))
  for (const line of renderEvidence(found, context.language, context.columns)) context.print(line)
}

async function find(client: GatewayClient, asked: string, within: string | undefined) {
  const sessions = within === undefined ? await newest(client) : [await sessionOf(client, within)]
  for (const session of sessions) {
    const path = `/diagnostics/${session}/status`
    const cited = citedIn(await client.ask('getSessionStatus', { method: 'GET', path }))
    const part = asked.toLowerCase()
    if (cited.some((id) => id.endsWith(part) || id.startsWith(part)))
      return { session, id: await wholeId(part, () => Promise.resolve(cited)) }
    // a diagnosis also stores evidence that it does not cite: a full id is used as given
    if (within !== undefined && asked.length === 36) return { session, id: part }
  }
  throw new CommandError(texts.notCited(asked, sessions.length))
}

async function newest(client: GatewayClient): Promise<string[]> {
  const path = `/diagnostics/history?page_size=${LOOKED_THROUGH}`
  const { items } = await client.ask('listSessions', { method: 'GET', path })
  return items.map(({ session_id }) => session_id)
}

const citedIn = ({ result }: DiagnosticStatus): string[] => [
  ...new Set([...(result?.root_causes ?? []), ...(result?.findings ?? [])].flatMap(({ evidence }) => evidence)),
]
