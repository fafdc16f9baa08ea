/** Runs one diagnosis, journaled in memory, with evidence in a real store. */
import { readCatalogue } from '../../actions/read.ts'
import { SHIPPED } from '../../actions/shipped.ts'
import { startAnalysis } from '../../agents/assistant/analysis-threads.ts'
import { createAssistant } from '../../agents/assistant/assistant.ts'
import type { Emission, Outgoing, Run } from '../../agents/runtime/agent.ts'
import { createEvidenceStore } from '../../agents/runtime/evidence.ts'
import { prepareRuntime } from '../../agents/runtime/runtime.ts'
import type { Tools } from '../../agents/tools/tools.ts'
import { openPool } from '../../bus/postgres/pool.ts'
import type {
  ActionProposed,
  DiagnosisCompleted,
  DiagnosisRequested,
  EvidenceRecorded,
} from '../../schemas/events.generated.ts'
import { createDatabase } from '../servers/postgres.ts'
import { diagnosisRequested } from '../events/requests.ts'
import { singleTenant, type Tenants } from '../../tenants/tenants.ts'

export const requestAt = (end: number, change: Partial<DiagnosisRequested> = {}): DiagnosisRequested =>
  diagnosisRequested({ event_id: 'e', occurred_at: end, window_end: end, ...change })

const runFor = (request: { occurred_at: number }): Run => ({
  id: 'assistant/e',
  attempt: 0,
  tenant: 'default',
  traceparent: null,
  requestId: null,
  headers: {},
  startedAt: request.occurred_at,
  activeMs: () => 0,
  sleep: () => Promise.resolve(),
  step: (name, work) => work({ signal: new AbortController().signal, idempotencyKey: name }),
})

async function toldBy(story: AsyncIterable<Emission> | undefined): Promise<Outgoing[]> {
  const told: Outgoing[] = []
  for await (const emission of story ?? []) told.push(...('event' in emission ? [emission] : emission))
  return told
}

export async function openInvestigations(name: string) {
  const database = await createDatabase(name)
  await prepareRuntime(database.url)
  const pool = openPool({ connectionString: database.url })
  const evidence = createEvidenceStore(pool)
  const analysis = startAnalysis()
  const agentWith = (tools: Tools, tenants: Tenants) =>
    createAssistant({
      toolsFor: () => ({ tools }),
      catalogue: readCatalogue(SHIPPED),
      tenants,
      evidence,
      analyse: analysis.analyse,
      approverRoles: ['team_manager'],
      approvalTtlMs: 1000,
      defaultLimitMs: 60_000,
    })
  return {
    pool,
    evidence,
    /** everything the assistant publishes about a proposal */
    async propose(proposed: ActionProposed, tools: Tools, tenants = singleTenant) {
      const { tenant, event_id } = proposed
      const run = { ...runFor(proposed), id: `assistant/${event_id}`, tenant }
      return toldBy(agentWith(tools, tenants).on.ActionProposed?.(proposed, run))
    },
    async ask(request: DiagnosisRequested, tools: Tools, run: Partial<Run> = {}, tenants = singleTenant) {
      const told = await toldBy(
        agentWith(tools, tenants).on.DiagnosisRequested?.(request, { ...runFor(request), ...run }),
      )
      const recorded = told.filter(({ event }) => event === 'EvidenceRecorded')
      return {
        told,
        completed: told.find(({ event }) => event === 'DiagnosisCompleted')?.value as DiagnosisCompleted,
        recorded: recorded.map(({ value }) => value as EvidenceRecorded),
      }
    },
    async close() {
      await analysis.close()
      await pool.end()
      await database.drop()
    },
  }
}
