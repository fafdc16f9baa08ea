import type { Command } from 'commander'
import type { ToolStatus } from '../../gateway/api.generated.ts'
import type { Language } from '../../gateway/present/language.ts'
import { labelled, readable } from '../../gateway/present/words.ts'
import { table } from '../analyze/table.ts'
import type { ClientContext, ClientOptions } from '../login/context.ts'
import { connect } from '../login/gateway-client.ts'
import { withClientOptions } from '../login/options.ts'
import { toolTexts as texts } from '../texts.ts'

/** `sre tools`: the tools of the agents, as the agents reported them. */
export function addTools(program: Command, context: ClientContext): void {
  withClientOptions(
    program.command('tools').description('list the tools of the agents, and whether they answer'),
  ).action(async (options: ClientOptions) => {
    const found = await connect(context, options).ask('getToolStatus', { method: 'GET', path: '/tools/status' })
    if (options.json) return context.print(JSON.stringify(found))
    const { language } = context
    const tools = Object.entries(found)
    if (tools.length === 0) return context.note(texts.none[language])
    const rows = tools.map(([name, status]) => rowOf(name, status, language))
    table([texts.titles[language], ...rows], context.columns).forEach(context.print)
    for (const [name, { error }] of tools) if (error !== null) context.print(labelled(language, name, error))
  })
}

const rowOf = (name: string, tool: ToolStatus, language: Language): string[] => [
  name,
  readable(language, tool.status),
  tool.response_time === null ? '-' : `${Math.round(tool.response_time * 1000)} ms`,
  tool.last_answer_at === null ? '-' : `${tool.last_answer_at.slice(0, 19).replace('T', ' ')}`,
  [...new Set(tool.reports.map(({ agent }) => agent))].join(', '),
  tool.endpoint ?? '-',
]
