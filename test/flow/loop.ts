/** Setting for the flow tests: a control-plane with services, a trusted signer, agents as processes, and access to the topics. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createFreezes } from '../../agents/executor/freezes.ts'
import { prepareAgents } from '../../embedded/agents.ts'
import type { Bus } from '../../bus/bus.ts'
import { type BusOptions, createBus } from '../../bus/create.ts'
import { within } from '../../bus/kafka/within.ts'
import { openPool } from '../../bus/postgres/pool.ts'
import { parseInstant } from '../../recording/instant.ts'
import { readIncident } from '../../recording/read.ts'
import { loadContract } from '../../schemas/contract.ts'
import { decisionAudience, type DecisionClaim, signDecision } from '../../schemas/decision.ts'
import type { ApprovalRequested, DiagnosisRequested, EventName, Events } from '../../schemas/events.generated.ts'
import { openSigningKeys, type SigningKeys } from '../../schemas/signing-keys.ts'
import type { Belongings } from '../../tenants/tenants.ts'
import { environmentOfKilled } from '../crash/environment.ts'
import { createFakeServices, createSetting, type FakeServices, startControlPlane } from '../embedded/setting.ts'
import { BAD, diagnosisRequested } from '../events/requests.ts'
import { published } from '../bus/published.ts'
import { collect } from '../runtime/collect.ts'
import { until, type WithoutContract } from '../runtime/counting.ts'
import type { AgentName, AgentsProcess } from './agents-process.ts'

export const RECORDING = join(import.meta.dirname, '../scenarios/shop-01')
const PROCESS = join(import.meta.dirname, 'agents-process.ts')
const KILL_AT = join(import.meta.dirname, '../crash/kill-at.ts')
const contract = loadContract()
/** ms to wait for what a test expects; several processes may have to start before it comes */
const PATIENCE_MS = 180_000

export type LoopBus = (
  databaseUrl: string,
) => Promise<{ options: WithoutContract<BusOptions>; tearDown(): Promise<void> }>

export interface AgentsOptions {
  /** phase of a step at which the process is killed */
  killAt?: string
  /** signal to use; default SIGKILL */
  signal?: 'SIGKILL' | 'SIGSTOP'
  /** file that records every phase passed */
  boundaries?: string
  approvalTtlMs?: number
  /** ms an execution may take */
  executionLimitMs?: number
  /** a Loki queried instead of the recording */
  lokiUrl?: string
  /** a Prometheus queried for an action's effect, instead of the recording */
  prometheusUrl?: string
  /** the assistant too asks this Prometheus, and the control-plane for what changed */
  live?: boolean
  /** ms after an action at which it is queried; default 50 */
  verifyAfterMs?: number[]
  /** ms an analysis may take */
  analysisMs?: number
  /** runs the postmortem agent too */
  postmortem?: boolean
  /** the process runs only these */
  only?: readonly AgentName[]
  /** the assistant asks it once an action helped */
  asks?: boolean
  /** services per tenant; default: `default` owns all */
  tenants?: Record<string, Belongings>
}

const run = promisify(execFile)

export async function openLoop(setUpBus: LoopBus, services: FakeServices = createFakeServices()) {
  const setting = await createSetting()
  const { options: busOptions, tearDown } = await setUpBus(setting.database.url)
  const bus: Bus = await createBus({ ...busOptions, contract } as BusOptions)
  await prepareAgents(setting.database.url)
  const controlPlane = await startControlPlane({ ...setting, bus }, { lab: services })
  const keys = await openSigningKeys({ dir: mkdtempSync(join(tmpdir(), 'sre-flow-keys-')) })
  const incident = await readIncident(RECORDING)
  const children = new Set<ChildProcess>()

  const startAgents = async (options: AgentsOptions = {}) => {
    const process_: AgentsProcess = {
      databaseUrl: setting.database.url,
      bus: busOptions,
      recording: RECORDING,
      controlPlaneUrl: controlPlane.url,
      issuer: setting.issuer.url,
      secrets: { ...setting.issuer.clients },
      jwks: keys.jwks(),
      approvalTtlMs: options.approvalTtlMs ?? 600_000,
      executionLimitMs: options.executionLimitMs ?? 20_000,
      lokiUrl: options.lokiUrl ?? null,
      prometheusUrl: options.prometheusUrl ?? null,
      live: options.live ?? false,
      verifyAfterMs: options.verifyAfterMs ?? [50],
      analysisMs: options.analysisMs ?? null,
      tenants: options.tenants ?? null,
      agents: options.only ?? [
        'assistant',
        'executor',
        ...(options.postmortem === true ? ['postmortem' as const] : []),
      ],
      asks: options.asks ?? false,
    }
    const child = spawn(process.execPath, ['--import', KILL_AT, PROCESS], {
      env: {
        ...environmentOfKilled(),
        AGENTS_PROCESS: JSON.stringify(process_),
        ...(options.boundaries === undefined ? {} : { BOUNDARIES: options.boundaries }),
        ...(options.killAt === undefined ? {} : { KILL_AT: options.killAt, KILL_WITH: options.signal ?? 'SIGKILL' }),
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    children.add(child)
    const died = once(child, 'exit')
    await within(PATIENCE_MS, Promise.race([once(child.stdout, 'data'), died]), 'agents were not ready')
    return {
      child,
      /** resolves once the process was killed; rejects if it was not in time, or ended in another way */
      async died() {
        const [code, signal] = await within(PATIENCE_MS, died, `${options.killAt ?? 'the process'} was not met`)
        if (signal !== 'SIGKILL') throw new Error(`the agents ended with ${code ?? signal} before ${options.killAt}`)
      },
      /** resolves when the process was stopped by SIGSTOP */
      stopped: () =>
        until(PATIENCE_MS, `${options.killAt} is met`, async () => {
          const { stdout } = await run('ps', ['-o', 'stat=', '-p', String(child.pid)])
          return stdout.startsWith('T') ? true : undefined
        }),
      async stop() {
        if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
        await within(60_000, died, 'agents did not end within 60 s of SIGTERM')
      },
    }
  }

  /**
   * One process after another, each killed at its boundary; `begin` once the first one is ready. The last one lives. Between the first and the last, a process
   * runs only the agent that dies there. A run that loses three owners is given up (test/runtime/owners.ts), so the count is set back after each death.
   */
  const relay = async <T>(
    [first, ...others]: readonly string[],
    begin: () => Promise<T>,
    options: AgentsOptions = {},
  ) => {
    const victim = await startAgents({ ...options, ...(first === undefined ? {} : { killAt: first }) })
    const buried = async ({ died }: typeof victim) => {
      await died()
      await pool.query(`UPDATE runtime.runs SET starts = 0 WHERE status <> 'ended'`)
    }
    const follow = async () => {
      await buried(victim)
      for (const killAt of others)
        await buried(await startAgents({ ...options, killAt, only: [killAt.split('/')[0] as AgentName] }))
      return startAgents(options)
    }
    return Promise.all([begin(), follow()])
  }

  const pool = openPool({ connectionString: setting.database.url, max: 1 })
  const seen = await collect(bus, contract)
  const all = async <E extends EventName>(event: E, fits: (value: Events[E]) => boolean): Promise<Events[E][]> => {
    const values = (await published(event, { bus, contract, pool })).map(({ value }) => value as Events[E])
    return [...new Map(values.filter(fits).map((value) => [value.event_id, value])).values()]
  }

  return {
    setting,
    bus,
    busOptions,
    services,
    controlPlane,
    keys,
    startAgents,
    relay,
    /** every matching record published so far, without repeats */
    all,
    first: <E extends EventName>(event: E, fits: (value: Events[E]) => boolean): Promise<Events[E]> =>
      until(PATIENCE_MS, `a ${event} is published`, async () => seen.of(event).find(fits)),
    /** waits until the session has no unfinished runs, except those due later */
    concluded: (session: string): Promise<true> =>
      until(PATIENCE_MS, `every run of ${session} has ended`, async () => {
        const { rowCount } = await pool.query(
          `SELECT FROM runtime.runs WHERE session_id = $1 AND status <> 'ended' AND (due_at IS NULL OR due_at < clock_timestamp())`,
          [session],
        )
        return rowCount === 0 ? true : undefined
      }),
    ended: (runId: string): Promise<true> =>
      until(PATIENCE_MS, `${runId} has ended`, async () => {
        const { rowCount } = await pool.query(`SELECT FROM runtime.runs WHERE run_id = $1 AND status = 'ended'`, [runId]) // prettier-ignore
        return rowCount === 1 ? true : undefined
      }),
    /** waits until the executor has opened the approval: an earlier decision would be held and take another path */
    opened: (approval: ApprovalRequested): Promise<true> =>
      untilRow(`approval ${approval.approval_id} is open`, 'executor.approvals', approval),
    /** waits until the executor holds a decision without a request */
    held: (approval: ApprovalRequested): Promise<true> =>
      untilRow(`a decision on ${approval.approval_id} is held`, 'executor.held_decisions', approval),
    freezes: createFreezes(pool),
    /** deploys the bad release, as in the recording */
    async deployBad(): Promise<void> {
      if (services.services().some(({ imageTag }) => imageTag === BAD)) return
      await services.deploy('cart', BAD)
    },
    async ask(change: Partial<DiagnosisRequested> = {}): Promise<string> {
      const sessionId = randomUUID()
      const request = diagnosisRequested({
        session_id: sessionId,
        service: incident.alert?.service ?? null,
        severity: 'P2',
        window_end: Math.round(parseInstant(incident.window.end)),
        requested_by: `${setting.issuer.url}|control-plane`,
        ...change,
      })
      await bus.publish([await bus.encode('DiagnosisRequested', request)])
      return sessionId
    },
    async decide(
      approval: ApprovalRequested,
      change: Partial<DecisionClaim> = {},
      signer: SigningKeys = keys,
      eventId: string = randomUUID(),
    ): Promise<string> {
      const now = Math.floor(Date.now() / 1000)
      const jws = await signDecision(await signer.signer(), {
        iss: 'sre-gateway',
        aud: decisionAudience,
        sub: 'alice',
        decider_iss: setting.issuer.url,
        roles: ['team_manager'],
        jti: randomUUID(),
        iat: now,
        exp: now + 300,
        tenant: approval.tenant,
        approval_id: approval.approval_id,
        action_hash: approval.action_hash,
        decision: 'approved',
        reason: 'go ahead',
        ...change,
      })
      await publishDecision(approval, jws, eventId)
      return jws
    },
    publishDecision,
    async close(): Promise<void> {
      for (const child of children) {
        if (child.exitCode !== null || child.signalCode !== null) continue
        child.kill('SIGKILL')
        await once(child, 'exit')
      }
      await controlPlane.stop()
      await seen.stop()
      await pool.end()
      await bus.close()
      await tearDown()
      await setting.close()
    },
    async killAgents(): Promise<void> {
      for (const child of children) {
        if (child.exitCode === null && child.signalCode === null) {
          child.kill('SIGKILL')
          await once(child, 'exit')
        }
      }
      children.clear()
    },
  }

  function untilRow(what: string, table: string, { approval_id }: ApprovalRequested): Promise<true> {
    return until(PATIENCE_MS, what, async () => {
      const { rowCount } = await pool.query(`SELECT FROM ${table} WHERE approval_id = $1`, [approval_id])
      return (rowCount ?? 0) > 0 ? true : undefined
    })
  }

  async function publishDecision(
    approval: ApprovalRequested,
    jws: string,
    eventId: string = randomUUID(),
  ): Promise<void> {
    const decided = {
      event_id: eventId,
      session_id: approval.session_id,
      sequence: 0,
      tenant: approval.tenant,
      occurred_at: Date.now(),
      approval_id: approval.approval_id,
      decision_jws: jws,
    }
    await bus.publish([await bus.encode('ApprovalDecided', decided)])
  }
}

export type Loop = Awaited<ReturnType<typeof openLoop>>
