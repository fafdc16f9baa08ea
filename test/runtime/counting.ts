/** Setting for the durability tests: a database, a bus, agents as processes, and access to their results. */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import type { RunLimits } from '../../agents/runtime/agent.ts'
import type { TakeoverTimes } from '../../agents/runtime/takeover.ts'
import { prepareRuntime } from '../../agents/runtime/runtime.ts'
import type { Delivery } from '../../bus/bus.ts'
import { createBus } from '../../bus/create.ts'
import { openPool } from '../../bus/postgres/pool.ts'
import { loadContract } from '../../schemas/contract.ts'
import type { DiagnosisRequested, EventName, Events } from '../../schemas/events.generated.ts'
import { environmentOfKilled } from '../crash/environment.ts'
import { diagnosisRequested } from '../events/requests.ts'
import { published } from '../bus/published.ts'
import { settled } from '../bus/settled.ts'

/** Options of each bus without the contract. */
export type WithoutContract<Options> = Options extends unknown ? Omit<Options, 'contract'> : never
export type BusOptions = WithoutContract<Parameters<typeof createBus>[0]>

const AGENT = join(import.meta.dirname, 'counting-agent.ts')
const KILL_AT = join(import.meta.dirname, '../crash/kill-at.ts')
export const contract = loadContract()

export interface AgentOptions {
  /** phase of a step at which the process is killed or frozen */
  killAt?: string
  freeze?: boolean
  stepMs?: number
  steps?: number
  version?: number
  fail?: boolean | 'first attempt'
  failures?: number
  sleepMs?: number
  takeover?: TakeoverTimes
  later?: boolean
  limitMs?: number
  limits?: Partial<RunLimits>
}

export interface AgentProcess {
  child: ChildProcess
  died: Promise<[code: number | null, signal: NodeJS.Signals | null]>
  /** SIGTERM, then waits */
  stop(): Promise<void>
}

export interface Effect {
  run_id: string
  step: string
  key: string
  pid: number
  aborted: boolean
}

export async function countingBench(databaseUrl: string, busOptions: BusOptions) {
  await prepareRuntime(databaseUrl)
  const pool = openPool({ connectionString: databaseUrl })
  await pool.query(
    'CREATE TABLE effects (run_id text, step text, key text, pid int, aborted boolean, at timestamptz DEFAULT clock_timestamp())',
  )
  const bus = await createBus({ ...busOptions, contract } as Parameters<typeof createBus>[0])
  const children = new Set<ChildProcess>()
  const startAgent = async ({ killAt, freeze, ...options }: AgentOptions = {}): Promise<AgentProcess> => {
    const child = spawn(process.execPath, ['--import', KILL_AT, AGENT], {
      env: {
        ...environmentOfKilled(),
        COUNTING_AGENT: JSON.stringify({ databaseUrl, bus: busOptions, ...options }),
        ...(killAt === undefined ? {} : { KILL_AT: killAt, ...(freeze === true ? { KILL_WITH: 'SIGSTOP' } : {}) }),
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    children.add(child)
    const died = once(child, 'exit') as AgentProcess['died']
    await Promise.race([
      once(child.stdout, 'data'),
      died.then(() => {
        throw new Error('the agent died before it was ready')
      }),
    ]).catch((error: unknown) => {
      if (killAt === undefined) throw error
    })
    return {
      child,
      died,
      async stop() {
        if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
        await died
      },
    }
  }

  const request = (sessionId: string = randomUUID()): DiagnosisRequested =>
    diagnosisRequested({ session_id: sessionId, kind: 'deployment', service: 'cart', requested_by: 'test|test' })

  return {
    pool,
    bus,
    startAgent,
    /** The engine starts with the limits stored last and reads its own a second later, so it is started twice. */
    async startLimited(options: AgentOptions): Promise<AgentProcess> {
      await (await startAgent(options)).stop()
      return startAgent(options)
    },
    request,
    async publish(...requests: DiagnosisRequested[]): Promise<void> {
      await bus.publish(await Promise.all(requests.map((one) => bus.encode('DiagnosisRequested', one))))
    },
    /**
     * Publishes a request to processes that follow each other, and returns once each has been killed at its boundary. A run that loses three owners is given up,
     * so the count is set back after each death.
     */
    async publishTo(deaths: readonly string[], one: DiagnosisRequested, options: AgentOptions): Promise<void> {
      for (const [place, killAt] of deaths.entries()) {
        const victim = await startAgent({ ...options, killAt })
        if (place === 0) await bus.publish([await bus.encode('DiagnosisRequested', one)])
        const [code, signal] = await victim.died
        if (signal !== 'SIGKILL') throw new Error(`the agent ended with ${code ?? signal} before ${killAt}`)
        await pool.query('UPDATE runtime.runs SET starts = 0 WHERE session_id = $1', [one.session_id])
      }
    },
    async cancel(sessionId: string): Promise<void> {
      const { event_id, sequence, tenant, occurred_at, requested_by } = request()
      const event = { event_id, session_id: sessionId, sequence, tenant, occurred_at, requested_by, reason: null }
      await bus.publish([await bus.encode('DiagnosisCancelRequested', event)])
    },
    /** Every event of this type for a session published so far, repeats included. */
    async events<E extends EventName>(event: E, sessionId: string): Promise<Events[E][]> {
      const values = (await published(event, { bus, contract, pool })).map(({ value }) => value as Events[E])
      return values.filter((value) => 'session_id' in value && value.session_id === sessionId)
    },
    /** Dead letters of a session. */
    async letters(sessionId: string): Promise<Delivery[]> {
      await settled(pool)
      const letters = []
      for await (const letter of bus.browse(`${contract.topicOf('DiagnosisRequested').name}.assistant.dlq`))
        if (letter.key === sessionId) letters.push(letter)
      return letters
    },
    async effects(runId: string): Promise<Effect[]> {
      return (await pool.query<Effect>('SELECT * FROM effects WHERE run_id = $1 ORDER BY at', [runId])).rows
    },
    /** Waits until the run for an event has ended, and returns its outcome. `eventId` begins with `<tenant>:` unless the tenant is `default`. */
    async ended(eventId: string, attempt = 0): Promise<string> {
      const runId = `assistant/${eventId}${attempt === 0 ? '' : `/${attempt}`}`
      return until(120_000, `run ${runId} ends`, async () => {
        const { rows } = await pool.query<{ outcome: string }>(
          `SELECT outcome FROM runtime.runs WHERE run_id = $1 AND status = 'ended'`,
          [runId],
        )
        return rows[0]?.outcome
      })
    },
    /** Stops processes a failed test left behind. */
    async killAll(): Promise<void> {
      for (const child of children) {
        if (child.exitCode !== null || child.signalCode !== null) continue
        child.kill('SIGKILL')
        await once(child, 'exit')
      }
      children.clear()
    },
    async close(): Promise<void> {
      await bus.close()
      await pool.end()
    },
  }
}

export type CountingBench = Awaited<ReturnType<typeof countingBench>>

/** Polls until there is an answer, or fails with the description. */
export async function until<T>(
  limitMs: number,
  what: string,
  look: () => Promise<T | undefined | null | false>,
): Promise<T> {
  const deadline = Date.now() + limitMs
  for (;;) {
    const found = await look()
    if (found !== undefined && found !== null && found !== false) return found
    if (Date.now() > deadline) throw new Error(`within ${limitMs} ms it never came that ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
