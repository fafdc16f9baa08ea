/** The durable engine (DBOS Transact on PostgreSQL): queues, recovery of runs whose owner is gone, bounded shutdown. */
import { DBOS, DBOSStepNondeterminismError, DBOSWorkflowConflictError, Error as EngineErrors } from '@dbos-inc/dbos-sdk'
import type { Logger } from 'pino'
import { underMigrationLock } from '../../bus/postgres/migration-lock.ts'
import { openPool } from '../../bus/postgres/pool.ts'
import type { RunLimits } from './agent.ts'

/** A constant: only runs of the same version are recovered, and each run checks its own handler's version. */
const ENGINE_VERSION = '1'
const CONNECTIONS = 10
/** A process frozen inside a transaction holds up everybody else's reading for this long at most. */
export const FROZEN_MS = 5000

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
  /** Runs of these queues that somebody has begun and not finished. */
  begun(queues: readonly string[]): Promise<BegunRun[]>
  /** They go back to their queue. Their owner must be gone: of one that wakes nothing counts any more. */
  takeOver(queue: string, runIds: readonly string[]): Promise<void>
  /** Deletes all that is journaled of runs that have ended. */
  forget(runIds: readonly string[]): Promise<void>
  /** Stops starting runs, waits for those in hand at most `limitMs`, and leaves the rest to others. */
  stop(limitMs: number): Promise<void>
}

export interface BegunRun {
  runId: string
  queue: string
  owner: string
}

/** SQL: the engine has given run $1 to owner $2, and to nobody since. */
export const IS_GIVEN = `EXISTS (SELECT FROM dbos.workflow_status WHERE workflow_uuid = $1 AND executor_id = $2 AND status = 'PENDING')`

/** SQL: ms run $1 has worked, by its journal: the steps that came to an end, a failed one too; what it waited in between is left out. */
export const WORKED_MS = `SELECT COALESCE(sum(completed_at_epoch_ms - started_at_epoch_ms), 0)::int AS worked_ms
  FROM dbos.operation_outputs WHERE workflow_uuid = $1 AND function_name <> 'DBOS.sleep'`

export async function startEngine(options: EngineOptions): Promise<Engine> {
  const log = options.log
  const pool = openPool(
    {
      connectionString: options.databaseUrl,
      max: CONNECTIONS,
      idle_in_transaction_session_timeout: FROZEN_MS,
      application_name: 'sre-engine',
    },
    (error) => log.warn({ error: error.message }, 'database connection of the engine lost'),
  )
  DBOS.setConfig({
    name: 'sre-platform',
    systemDatabaseUrl: options.databaseUrl,
    systemDatabasePool: pool,
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
  // brings its system tables up to date
  await underMigrationLock(options.databaseUrl, () => DBOS.launch())
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

    async begun(queues) {
      const pending = await DBOS.listWorkflows({ status: 'PENDING', queueName: [...queues], loadInput: false, loadOutput: false }) // prettier-ignore
      return pending.flatMap(({ workflowID: runId, queueName: queue, executorId: owner }) =>
        queue === undefined || owner === undefined ? [] : [{ runId, queue, owner }],
      )
    },

    takeOver: (queue, runIds) => DBOS.resumeWorkflows([...runIds], { queueName: queue }).then(() => undefined),
    forget: (runIds) => DBOS.deleteWorkflows([...runIds]),

    async stop(limitMs) {
      await DBOS.shutdown({ workflowCompletionTimeoutMS: limitMs, deregister: true })
      await pool.end()
    },
  }
}

/** Brings the engine's system tables up to date; a part that starts does the same. */
export async function prepareEngine(databaseUrl: string, log: Logger): Promise<void> {
  const engine = await startEngine({ databaseUrl, owner: 'migration', queues: [], execute: async () => undefined, log, pollMs: 1000 }) // prettier-ignore
  await engine.stop(0)
}

/** This process no longer owns the run (another took it over), or is shutting down: nothing about the run may be concluded from it. */
export const isLostOwnership = (error: unknown): boolean =>
  error instanceof DBOSWorkflowConflictError ||
  error instanceof DBOSStepNondeterminismError ||
  error instanceof EngineErrors.DBOSWorkflowCancelledError ||
  error instanceof EngineErrors.DBOSExecutorNotInitializedError

const text = (entry: unknown): string => (entry instanceof Error ? (entry.stack ?? entry.message) : String(entry))
