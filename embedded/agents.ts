/** Assembles the agents with their dependencies, the same way for the shared process and for separate ones. */
import type { Catalogue } from '../actions/catalogue.ts'
import { readCatalogue } from '../actions/read.ts'
import { SHIPPED } from '../actions/shipped.ts'
import { prepareAnomalies } from '../agents/anomaly/store.ts'
import { createAssistant, type AssistantOptions } from '../agents/assistant/assistant.ts'
import { type AnalysisOptions, startAnalysis } from '../agents/assistant/analysis-threads.ts'
import { createApprovals } from '../agents/executor/approvals.ts'
import { createExecutor, type ExecutorOptions, prepareExecutor } from '../agents/executor/executor.ts'
import { createSeal } from '../agents/executor/statements.ts'
import { forgetApprovals } from '../agents/executor/retention.ts'
import { forgetCalls } from '../agents/postmortem/calls.ts'
import { followSessions, forgetSessions, preparePostmortems } from '../agents/postmortem/fold.ts'
import { startRemembering } from '../agents/postmortem/memory/remember.ts'
import { followReports, forgetReports } from '../agents/postmortem/memory/reports.ts'
import { createPostmortem, type PostmortemOptions } from '../agents/postmortem/postmortem.ts'
import { createEvidenceStore } from '../agents/runtime/evidence.ts'
import { prepareRuntime, type Runtime, type RuntimeOptions, startRuntime } from '../agents/runtime/runtime.ts'
import { followChanges, forgetChanges, prepareChanges } from '../agents/tools/changes/fold.ts'
import { logging } from '../bus/observer.ts'
import { openPool } from '../bus/postgres/pool.ts'
import { statementKeys } from '../bus/statements/keys.ts'
import type { Place } from '../memory/recall.ts'
import type { Tenants } from '../tenants/tenants.ts'

export interface AgentsOptions extends Omit<RuntimeOptions, 'agents'> {
  /** which tenant owns which services */
  tenants: Tenants
  /** absent: this process runs no assistant */
  assistant?: Omit<AssistantOptions, 'tenants' | 'evidence' | 'analyse' | 'catalogue'>
  analysis?: AnalysisOptions
  /** keeps the changes of the bus, for an assistant without a control-plane */
  changes?: boolean
  /** absent: this process runs no executor */
  executor?: Omit<ExecutorOptions, 'tenants' | 'evidence' | 'approvals' | 'log' | 'seal' | 'catalogue'>
  /** absent: this process writes no postmortems */
  postmortem?: Omit<PostmortemOptions, 'pool' | 'bus' | 'tenants'>
  /** what the postmortem agent brings verified outcomes into; absent: nothing is remembered */
  memory?: Place
  /** the actions that may be proposed and run; default: those in actions.yaml */
  catalogue?: Catalogue
}

export async function prepareAgents(databaseUrl: string): Promise<void> {
  await prepareRuntime(databaseUrl)
  await prepareExecutor(databaseUrl)
  await prepareChanges(databaseUrl)
  await preparePostmortems(databaseUrl)
  await prepareAnomalies(databaseUrl)
}

export async function startAgents({
  assistant,
  analysis: limits,
  changes = false,
  executor,
  postmortem,
  memory,
  tenants,
  catalogue = readCatalogue(SHIPPED),
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
    alsoForget: [
      ...forgetApprovals(pool),
      forgetChanges(pool),
      ...forgetSessions(pool),
      ...forgetCalls(pool),
      ...forgetReports(pool),
      ...(options.alsoForget ?? []),
    ],
    agents: [
      ...(assistant === undefined || analysis === null
        ? []
        : [createAssistant({ ...assistant, tenants, catalogue, evidence, analyse: analysis.analyse })]),
      ...(postmortem === undefined ? [] : [createPostmortem({ ...postmortem, tenants, pool, bus: options.bus })]),
      ...(executor === undefined
        ? []
        : [
            createExecutor({
              ...{
                ...executor,
                tenants,
                catalogue,
                evidence,
                approvals: createApprovals(pool),
                seal: createSeal(pool),
                log: options.log,
              },
            }),
          ]),
    ],
  })
  const observer = logging(options.log)
  const following = [
    ...(changes ? [await followChanges({ ...options, pool, observer })] : []),
    ...(postmortem === undefined
      ? []
      : [await followSessions({ ...options, pool, keys: statementKeys(pool), observer })]),
    ...(postmortem === undefined || memory === undefined ? [] : [await followReports({ ...options, pool, observer })]),
  ]
  const remembering =
    postmortem === undefined || memory === undefined
      ? null
      : startRemembering({ pool, place: memory, log: options.log })
  return {
    ...runtime,
    failed: Promise.race([runtime.failed, ...following.map((one) => one.failed)]),
    unhealthy: () => [runtime, ...following].map((one) => one.unhealthy()).find((reason) => reason !== null) ?? null,
    async stop() {
      await remembering?.stop()
      await Promise.all(following.map((one) => one.stop()))
      await runtime.stop()
      await analysis?.close()
      await pool.end()
    },
  }
}
