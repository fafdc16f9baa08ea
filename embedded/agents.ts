/** Assembles the agents with their dependencies, the same way for the shared process and for separate ones. */
import { createAssistant, type AssistantOptions } from '../agents/assistant/assistant.ts'
import { type AnalysisOptions, startAnalysis } from '../agents/assistant/analysis-threads.ts'
import { createApprovals } from '../agents/executor/approvals.ts'
import { createExecutor, type ExecutorOptions, prepareExecutor } from '../agents/executor/executor.ts'
import { createSeal } from '../agents/executor/statements.ts'
import { forgetApprovals } from '../agents/executor/retention.ts'
import { createEvidenceStore } from '../agents/runtime/evidence.ts'
import { prepareRuntime, type Runtime, type RuntimeOptions, startRuntime } from '../agents/runtime/runtime.ts'
import { openPool } from '../bus/postgres/pool.ts'
import type { Tenants } from '../tenants/tenants.ts'

export interface AgentsOptions extends Omit<RuntimeOptions, 'agents'> {
  /** which tenant owns which services */
  tenants: Tenants
  /** absent: this process runs no assistant */
  assistant?: Omit<AssistantOptions, 'tenants' | 'evidence' | 'analyse'>
  analysis?: AnalysisOptions
  /** absent: this process runs no executor */
  executor?: Omit<ExecutorOptions, 'tenants' | 'evidence' | 'approvals' | 'log' | 'seal'>
}

export async function prepareAgents(databaseUrl: string): Promise<void> {
  await prepareRuntime(databaseUrl)
  await prepareExecutor(databaseUrl)
}

export async function startAgents({
  assistant,
  analysis: limits,
  executor,
  tenants,
  ...options
}: AgentsOptions): Promise<Runtime> {
  const pool = openPool(
    { connectionString: options.databaseUrl, max: 10, idle_in_transaction_session_timeout: 5000 },
    (error) => options.log.warn({ error: error.message }, 'database connection lost'),
  )
  const evidence = createEvidenceStore(pool)
  const analysis = assistant === undefined ? null : startAnalysis(limits)
  const runtime = await startRuntime({
    ...options,
    alsoForget: [...forgetApprovals(pool), ...(options.alsoForget ?? [])],
    agents: [
      ...(assistant === undefined || analysis === null
        ? []
        : [createAssistant({ ...assistant, tenants, evidence, analyse: analysis.analyse })]),
      ...(executor === undefined
        ? []
        : [
            createExecutor({
              ...{
                ...executor,
                tenants,
                evidence,
                approvals: createApprovals(pool),
                seal: createSeal(pool),
                log: options.log,
              },
            }),
          ]),
    ],
  })
  return {
    ...runtime,
    async stop() {
      await runtime.stop()
      await analysis?.close()
      await pool.end()
    },
  }
}
