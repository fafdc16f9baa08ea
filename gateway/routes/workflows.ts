import type { AgentStatus, AgentWorkflow } from '../../schemas/events.generated.ts'
import type { WorkflowTemplate } from '../api.generated.ts'
import type { Gateway, Handler } from '../gateway.ts'
import { inLanguage } from '../present/language.ts'
import { listReports } from '../views/agents.ts'
import { actionFigures, type Figures, sessionFigures } from '../views/workflows.ts'

/** The templates are the same for every tenant, their figures are the tenant's own. */
export const listWorkflowTemplates =
  ({ pool }: Gateway): Handler<'listWorkflowTemplates'> =>
  async ({ language }, { tenant }) => {
    const told = newest((await listReports(pool)).map(({ report }) => report))
    const body = await Promise.all(
      told.map(async ({ agent, workflow }): Promise<WorkflowTemplate> => {
        const { finished, success, ms } = await figuresOf(workflow, (kinds) => sessionFigures(pool, tenant, kinds), () => actionFigures(pool, tenant)) // prettier-ignore
        const { id, version, name, kinds, steps } = workflow
        return {
          ...{ id, name: inLanguage(name, language), version, agent, kinds },
          steps: steps.map((step) => ({ id: step.id, name: inLanguage(step.name, language) })),
          ...{ estimated_duration: ms === null ? null : ms / 1000, success_rate: success, finished },
        }
      }),
    )
    return { status: 200, body }
  }

const UNKNOWN: Figures = { finished: 0, success: null, ms: null }

const figuresOf = async (
  { event, kinds }: AgentWorkflow,
  sessions: (kinds: readonly string[]) => Promise<Figures>,
  actions: () => Promise<Figures>,
): Promise<Figures> =>
  event === 'DiagnosisRequested' ? sessions(kinds) : event === 'ApprovalDecided' ? actions() : UNKNOWN

/** Each workflow as reported by the instance that started last. Reports stored by an earlier release have none. */
function newest(reports: readonly AgentStatus[]) {
  const told = new Map<string, { agent: string; workflow: AgentWorkflow }>()
  for (const { agent, workflows = [] } of reports.toSorted((one, other) => one.started_at - other.started_at))
    for (const workflow of workflows) told.set(`${agent} ${workflow.id}`, { agent, workflow })
  return [...told].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, one]) => one)
}
