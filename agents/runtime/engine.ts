/** The durable engine (DBOS Transact on PostgreSQL): queues, recovery of runs whose owner is gone, bounded shutdown. */
import { DBOS, DBOSStepNondeterminismError, DBOSWorkflowConflictError, Error as EngineErrors } from '@dbos-inc/dbos-sdk'
import type { Logger } from 'pino'
import type { RunLimits } from './agent.ts'

/** A constant: only runs of the same version are recovered, and each run checks its own handler's version. */
const ENGINE_VERSION = '1'

export interface EngineOptions {
  databaseUrl: string
  owner: string
  queues: readonly ({ name: string } & Omit<RunLimits, 'queued'>)[]
  execute(queue: string, runId: string): Promise<void>
  log: Logger
  /** ms between looks at a queue */
  pollMs: number
}

export interface Engine {
  /** Hands a run to its queue; a known run is left as it is. */
  enqueue(run: { queue: string; runId: string; tenant: string; dueAt: number | null }): Promise<void>
  /** The runs of a queue that `owner` had begun and not finished go back to it. Returns how many. */
  takeOver(owner: string, queue: string): Promise<number>
  /** Deletes all that is journaled of runs that have ended. */
  forget(runIds: readonly string[]): Promise<void>
  /** Stops starting runs, waits for those in hand at most `limitMs`, and leaves the rest to others. */
  stop(limitMs: number): Promise<void>
}

export async function startEngine(options: EngineOptions): Promise<Engine> {
  const log = options.log
  DBOS.setConfig({
    name: 'sre-platform',
    systemDatabaseUrl: withIdleLimit(options.databaseUrl),
    applicationVersion: ENGINE_VERSION,
    executorID: options.owner,
    listenQueues: options.queues.map((queue) => queue.name),
    logger: {
      info: (entry: unknown) => log.debug(text(entry)),
      debug: (entry: unknown) => log.trace(text(entry)),
      warn: (entry: unknown) => log.warn(text(entry)),
      error: (entry: unknown) => log.error(text(entry)),
    },
  })
  const workflow = DBOS.registerWorkflow(options.execute, { name: 'run', maxRecoveryAttempts: 1000 })
  await DBOS.launch()
  for (const queue of options.queues) {
    // parted by tenant whether or not a tenant is limited: what waits in an undivided queue would be left behind once one is
    await DBOS.registerQueue(queue.name, {
      workerConcurrency: queue.concurrency,
      partitionWorkerConcurrency: Math.min(queue.tenantConcurrency, queue.concurrency),
      ...(queue.tenantPerMinute === null
        ? {}
        : { partitionRateLimit: { limitPerPeriod: queue.tenantPerMinute, periodSec: 60 } }),
      minPollingIntervalMs: options.pollMs,
      onConflict: 'always_update',
    })
  }
  return {
    async enqueue({ queue, runId, tenant, dueAt }) {
      const delaySeconds = dueAt === null ? 0 : (dueAt - Date.now()) / 1000
      await DBOS.startWorkflow(workflow, {
        workflowID: runId,
        queueName: queue,
        enqueueOptions: { queuePartitionKey: tenant, ...(delaySeconds > 0 ? { delaySeconds } : {}) },
      })(queue, runId)
    },

    async takeOver(owner, queue) {
      const pending = await DBOS.listWorkflows({
        executorId: owner,
        status: 'PENDING',
        queueName: queue,
        loadInput: false,
      })
      if (pending.length === 0) return 0
      const ids = pending.map((run) => run.workflowID)
      await DBOS.resumeWorkflows(ids, { queueName: queue })
      log.warn({ owner, queue, runs: ids }, 'took over the runs of an owner that is gone')
      return ids.length
    },

    forget: (runIds) => DBOS.deleteWorkflows([...runIds]),

    stop: (limitMs) => DBOS.shutdown({ workflowCompletionTimeoutMS: limitMs, deregister: true }),
  }
}

/** A process frozen inside a transaction holds up everybody else's reading for five seconds at most. */
function withIdleLimit(databaseUrl: string): string {
  const url = new URL(databaseUrl)
  if (!url.searchParams.has('options')) url.searchParams.set('options', '-c idle_in_transaction_session_timeout=5000')
  return url.href
}

/** This process no longer owns the run (another took it over), or is shutting down: nothing about the run may be concluded from it. */
export const isLostOwnership = (error: unknown): boolean =>
  error instanceof DBOSWorkflowConflictError ||
  error instanceof DBOSStepNondeterminismError ||
  error instanceof EngineErrors.DBOSWorkflowCancelledError ||
  error instanceof EngineErrors.DBOSExecutorNotInitializedError

const text = (entry: unknown): string => (entry instanceof Error ? (entry.stack ?? entry.message) : String(entry))
