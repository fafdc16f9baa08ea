/** Starts agents in this process, with their schemas, queues, intake and takeover, and stops them within a time limit. */
import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { Logger } from 'pino'
import type { Bus } from '../../bus/bus.ts'
import { logging } from '../../bus/observer.ts'
import { migrate } from '../../bus/postgres/migrate.ts'
import { openPool } from '../../bus/postgres/pool.ts'
import type { Contract } from '../../schemas/contract.ts'
import type { Agent, RunLimits } from './agent.ts'
import { checkAgents } from './check.ts'
import { FROZEN_MS, startEngine } from './engine.ts'
import { executeRun } from './execute.ts'
import { type Intake, startIntake } from './intake.ts'
import {
  type Forget,
  forgetAnswers,
  forgetCancellations,
  forgetEvidence,
  forgetRuns,
  startSweeping,
} from './retention.ts'
import { createRunStore } from './runs.ts'
import { reportStatus, type ToolCheck } from './status.ts'
import { startHeartbeat, startTakeover, TAKEOVER, type TakeoverTimes } from './takeover.ts'

export interface RuntimeOptions {
  agents: readonly Agent[]
  bus: Bus
  contract: Contract
  databaseUrl: string
  log: Logger
  /** ms between polls of a queue; default 20 */
  pollMs?: number
  takeover?: TakeoverTimes
  /** ms a shutdown may take; default 10 s */
  shutdownMs?: number
  /** ms that finished runs and their evidence are kept; default 30 days */
  keepMs?: number
  /** further data to delete at the same age */
  alsoForget?: readonly Forget[]
  /** tools by agent; an agent listed here reports on the bus that it is alive and whether its tools answer */
  tools?: Readonly<Record<string, readonly ToolCheck[]>>
  /** ms between these reports; default 30 s */
  reportMs?: number
}

export interface Runtime {
  /** name of this process as an owner of runs */
  owner: string
  /** settles when an intake has failed permanently; the process should then exit and be restarted */
  readonly failed: Promise<Error>
  /** why an intake is dead or stuck, in words safe to show anyone; null: healthy */
  unhealthy(): string | null
  /** runs that wait, by agent */
  waiting(): Promise<ReadonlyMap<string, number>>
  /** takes at most `shutdownMs`; may be called twice */
  stop(): Promise<void>
}

const KEEP_MS = 30 * 86_400_000
const DEFAULT_LIMITS: RunLimits = {
  concurrency: 10,
  tenantConcurrency: Number.POSITIVE_INFINITY,
  tenantPerMinute: null,
  queued: 1000,
}

/** Migrates the schemas of runs and evidence. */
export async function prepareRuntime(databaseUrl: string): Promise<void> {
  await migrate(databaseUrl, 'runtime', join(import.meta.dirname, 'migrations'))
  await migrate(databaseUrl, 'evidence', join(import.meta.dirname, 'evidence-migrations'))
}

/** One runtime per process, because the engine is a singleton. Throws if the agents do not match `topics.yaml`. */
export async function startRuntime(options: RuntimeOptions): Promise<Runtime> {
  const { bus, contract, log } = options
  checkAgents(options.agents, contract)
  const owner = `${hostname()}/${process.pid}/${randomUUID()}`
  const pool = openPool(
    { connectionString: options.databaseUrl, max: 10, idle_in_transaction_session_timeout: FROZEN_MS },
    (error) => log.warn({ error: error.message }, 'database connection lost'),
  )
  const runs = createRunStore(pool, bus.inStatement?.databaseUrl === options.databaseUrl ? bus.inStatement : undefined)
  const agents = new Map(options.agents.map((agent) => [agent.name, agent]))
  const limitsOf = (agent: Agent): RunLimits => ({ ...DEFAULT_LIMITS, ...agent.limits })
  const observer = logging(log)
  const onError = (error: unknown) => log.warn({ error: String(error) }, 'will be retried')

  const life = { pool, owner, onError, times: options.takeover ?? TAKEOVER }
  const heartbeat = await startHeartbeat(life)
  const engine = await startEngine({
    databaseUrl: options.databaseUrl,
    owner,
    log,
    pollMs: options.pollMs ?? 20,
    queues: options.agents.map((agent) => ({ name: agent.name, ...limitsOf(agent) })),
    execute: (agentName, runId) => executeRun({ agents, bus, contract, runs, owner, log }, agentName, runId),
  })
  const takeover = startTakeover({
    ...life,
    queues: [...agents.keys()],
    engine,
    onTaken: (from, taken) =>
      log.warn({ from, runs: taken.map(({ runId }) => runId) }, 'took over runs of a dead owner'),
  })
  const intakes: Intake[] = []
  for (const agent of options.agents) {
    intakes.push(await startIntake({ agent, limits: limitsOf(agent), bus, contract, runs, engine, observer, onError }))
  }

  const sweeping = startSweeping({
    pool,
    forget: [
      forgetRuns(pool, engine.forget),
      forgetCancellations(pool),
      forgetEvidence(pool),
      forgetAnswers(pool),
      ...(options.alsoForget ?? []),
    ],
    keepMs: options.keepMs ?? KEEP_MS,
    onError,
  })

  const { reportMs: everyMs } = options
  const reports = Object.entries(options.tools ?? {}).map(([agent, checks]) => {
    const { workflows = [], version = 0 } = agents.get(agent) ?? {}
    const told = workflows.map((one) => ({ ...one, version: String(version) }))
    return reportStatus({
      ...{ agent, owner, bus, checks, log, workflows: told },
      ...(everyMs === undefined ? {} : { everyMs }),
    })
  })

  let stopping: Promise<void> | null = null
  const stop = async () => {
    await Promise.all([sweeping, ...intakes, ...reports].map((part) => part.stop()))
    takeover.stop()
    await engine.stop(options.shutdownMs ?? 10_000)
    await heartbeat.stop()
    await pool.end()
  }
  return {
    owner,
    failed: Promise.race(intakes.map((intake) => intake.consumption.failed)),
    unhealthy: () => intakes.map(({ consumption }) => consumption.unhealthy()).find((why) => why !== null) ?? null,
    waiting: async () =>
      new Map(await Promise.all([...agents.keys()].map(async (name) => [name, await runs.waiting(name)] as const))),
    stop: () => (stopping ??= stop()),
  }
}
