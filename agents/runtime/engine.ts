/** The durable engine (DBOS Transact on PostgreSQL): queues, recovery of runs whose owner is gone, bounded shutdown. */
import { DBOS, DBOSStepNondeterminismError, DBOSWorkflowConflictError, Error as EngineErrors } from '@dbos-inc/dbos-sdk'
import { enqueueWorkflows, prepareEnqueuedWorkflow } from '@dbos-inc/dbos-sdk/eventreceiver'
import type { Logger } from 'pino'
import { underMigrationLock } from '../../bus/postgres/migration-lock.ts'
import { openPool } from '../../bus/postgres/pool.ts'
import type { RunLimits } from './agent.ts'

/** A constant: the engine recovers runs of its own version only, and each run checks its handler's version itself. */
const ENGINE_VERSION = '1'
const CONNECTIONS = 10
/** Longest time a process frozen inside a transaction can block other readers. */
export const FROZEN_MS = 5000

export interface EngineOptions {
  databaseUrl: string
  owner: string
  queues: readonly ({ name: string } & Omit<RunLimits, 'queued'>)[]
  execute(queue: string, runId: string): Promise<void>
  log: Logger
  /** ms between polls of the queue */
  pollMs: number
}

export interface Engine {
  /** Adds runs to a queue, those that are not yet known. One at a time, a thousand requests would keep the consumer from its heartbeats. */
  enqueue(queue: string, runs: readonly QueuedRun[]): Promise<void>
  /** Runs of these queues that were started and have not finished. */
  begun(queues: readonly string[]): Promise<BegunRun[]>
  /** Puts runs back on their queue. Their owner must be gone; if it wakes up, nothing it does counts any more. */
  takeOver(queue: string, runIds: readonly string[]): Promise<void>
  /** Deletes the journals of finished runs. */
  forget(runIds: readonly string[]): Promise<void>
  /** Stops starting runs, waits at most `limitMs` for the running ones, and leaves the rest to other processes. */
  stop(limitMs: number): Promise<void>
}

export interface QueuedRun {
  runId: string
  tenant: string
  /** ms since the epoch; null: now */
  dueAt: number | null
}

export interface BegunRun {
  runId: string
  queue: string
  owner: string
}

/** SQL: the engine assigned run $1 to owner $2, who still has it. */
export const IS_GIVEN = `EXISTS (SELECT FROM dbos.workflow_status WHERE workflow_uuid = $1 AND executor_id = $2 AND status = 'PENDING')`

/** SQL: active work of run $1 in ms, from its journal: all finished steps including failed ones, without waiting. */
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
    (error) => log.warn({ error: error.message }, 'the engine lost its database connection'),
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
    // partitioned by tenant even without tenant limits: runs queued without a partition would be stuck once a limit is set
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
    async enqueue(queue, runs) {
      const { now = [], later = [] } = Object.groupBy(runs, ({ dueAt }) => (dueAt ?? 0) > Date.now() ? 'later' : 'now') // prettier-ignore
      const rows = now.map(
        ({ runId, tenant }) =>
        prepareEnqueuedWorkflow(workflow, [queue, runId], { queueName: queue, workflowID: runId, queuePartitionKey: tenant }), // prettier-ignore
      )
      await enqueueWorkflows(await Promise.all(rows))
      for (const { runId, tenant, dueAt } of later) {
        const delaySeconds = ((dueAt ?? 0) - Date.now()) / 1000
        await DBOS.startWorkflow(workflow, {
          workflowID: runId,
          queueName: queue,
          enqueueOptions: { queuePartitionKey: tenant, ...(delaySeconds > 0 ? { delaySeconds } : {}) },
        })(queue, runId)
      }
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

/** Migrates the engine's system tables, as every process does when it starts. */
export async function prepareEngine(databaseUrl: string, log: Logger): Promise<void> {
  const engine = await startEngine({ databaseUrl, owner: 'migration', queues: [], execute: async () => undefined, log, pollMs: 1000 }) // prettier-ignore
  await engine.stop(0)
}

/** This process no longer owns the run, or is shutting down; the run continues elsewhere. */
export const isLostOwnership = (error: unknown): boolean =>
  error instanceof DBOSWorkflowConflictError ||
  error instanceof DBOSStepNondeterminismError ||
  error instanceof EngineErrors.DBOSWorkflowCancelledError ||
  error instanceof EngineErrors.DBOSExecutorNotInitializedError

const text = (entry: unknown): string => (entry instanceof Error ? (entry.stack ?? entry.message) : String(entry))
