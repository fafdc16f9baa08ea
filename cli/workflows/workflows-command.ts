import type { Command } from 'commander'
import type { WorkflowTemplate } from '../../gateway/api.generated.ts'
import type { Language } from '../../gateway/present/language.ts'
import { table } from '../analyze/table.ts'
import type { ClientContext, ClientOptions } from '../login/context.ts'
import { connect } from '../login/gateway-client.ts'
import { withClientOptions } from '../login/options.ts'
import { workflowTexts as texts } from '../texts.ts'

/** `sre workflows`: the workflows of the agents, how long they take and how often they succeed. */
export function addWorkflows(program: Command, context: ClientContext): void {
  withClientOptions(
    program.command('workflows').description('list the workflows of the agents, how long they take and how often they succeed'), // prettier-ignore
  ).action(async (options: ClientOptions) => {
    const request = { method: 'GET', path: '/workflows/templates' } as const
    const found = await connect(context, options).ask('listWorkflowTemplates', request)
    if (options.json) return context.print(JSON.stringify(found))
    const { language } = context
    if (found.length === 0) return context.note(texts.none[language])
    const rows = found.map((one) => rowOf(one, language))
    table([texts.titles[language], ...rows], context.columns).forEach(context.print)
  })
}

const rowOf = (one: WorkflowTemplate, language: Language): string[] => [
  one.name,
  one.agent,
  one.version,
  one.estimated_duration === null ? '-' : `${Number(one.estimated_duration.toPrecision(2))} s`,
  one.success_rate === null ? '-' : texts.rate(Math.floor(one.success_rate * 100), one.finished)[language],
  one.steps.map(({ id }) => id).join(' → '),
]
