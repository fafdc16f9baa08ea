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
import type { DiagnosisCompleted, DiagnosisRequested, EvidenceRecorded } from '../../schemas/events.generated.ts'
import { createDatabase } from '../servers/postgres.ts'
import { diagnosisRequested } from '../events/requests.ts'
import { singleTenant } from '../../tenants/tenants.ts'

export const requestAt = (end: number, change: Partial<DiagnosisRequested> = {}): DiagnosisRequested =>
  diagnosisRequested({ event_id: 'e', occurred_at: end, window_end: end, ...change })

const runFor = (request: DiagnosisRequested): Run => ({
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

export async function openInvestigations(name: string) {
  const database = await createDatabase(name)
  await prepareRuntime(database.url)
  const pool = openPool({ connectionString: database.url })
  const evidence = createEvidenceStore(pool)
  const analysis = startAnalysis()
  return {
    pool,
    evidence,
    async ask(request: DiagnosisRequested, tools: Tools, run: Partial<Run> = {}, tenants = singleTenant) {
      const agent = createAssistant({
        toolsFor: () => ({ tools }),
        catalogue: readCatalogue(SHIPPED),
        tenants,
        evidence,
        analyse: analysis.analyse,
        approverRoles: [],
        approvalTtlMs: 1000,
        defaultLimitMs: 60_000,
      })
      const told: Outgoing[] = []
      const story = agent.on.DiagnosisRequested?.(request, { ...runFor(request), ...run }) as AsyncIterable<Emission>
      for await (const emission of story) told.push(...('event' in emission ? [emission] : emission))
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
