/** A small agent that records every effect as a row, so that tests can count repeats. Run as a separate process. */
import pino from 'pino'
import { type Agent, emit, type Run, type RunLimits } from '../../agents/runtime/agent.ts'
import { startRuntime } from '../../agents/runtime/runtime.ts'
import type { TakeoverTimes } from '../../agents/runtime/takeover.ts'
import { createBus } from '../../bus/create.ts'
import { openPool } from '../../bus/postgres/pool.ts'
import { loadContract } from '../../schemas/contract.ts'
import type { DiagnosisRequested } from '../../schemas/events.generated.ts'

const options = JSON.parse(process.env['COUNTING_AGENT'] ?? '{}') as {
  databaseUrl: string
  bus: Parameters<typeof createBus>[0]
  stepMs?: number
  steps?: number
  version?: number
  fail?: boolean | 'first attempt'
  /** failing attempts of the first step */
  failures?: number
  /** ms each run waits before its first step */
  sleepMs?: number
  /** default: short times, for fast tests */
  takeover?: TakeoverTimes
  /** handles every event again later, when its context says `due` */
  later?: boolean
  limitMs?: number
  limits?: Partial<RunLimits>
}
const pool = openPool({ connectionString: options.databaseUrl })
const contract = loadContract()

let failures = options.failures ?? 0

async function* count(request: DiagnosisRequested, run: Run) {
  if (options.sleepMs !== undefined) await run.sleep(options.sleepMs)
  for (let index = 0; index < (options.steps ?? 3); index++) {
    yield emit('DiagnosisProgressed', {
      session_id: request.session_id,
      agent: 'assistant',
      run_id: run.id,
      step: `step ${index}`,
      progress: index,
      message: { en: 'counting' },
      findings: [],
    })
    await run.step(`step ${index}`, async ({ idempotencyKey, signal }) => {
      await new Promise((resolve) => setTimeout(resolve, options.stepMs ?? 0))
      await pool.query('INSERT INTO effects (run_id, step, key, pid, aborted) VALUES ($1, $2, $3, $4, $5)', [
        run.id,
        `step ${index}`,
        idempotencyKey,
        process.pid,
        signal.aborted,
      ])
      if (failures-- > 0) throw new Error('it fails for now')
    })
  }
  if (options.fail === true || (options.fail === 'first attempt' && run.attempt === 0))
    throw new TypeError('this handler always fails')
  yield completed(request, run.id, run.attempt, 'completed', null, run.activeMs())
}

const completed = (
  request: DiagnosisRequested,
  runId: string,
  attempt: number,
  status: string,
  reason: string | null,
  ms: number,
) =>
  emit('DiagnosisCompleted', {
    session_id: request.session_id,
    revision: attempt + 1,
    run_id: runId,
    handler_version: '1',
    status,
    reason,
    verdict: null,
    onset: null,
    phase: null,
    summary: { en: status },
    confidence: 0,
    findings: [],
    root_causes: [],
    missing: [],
    ruled_out: [],
    suspected_changes: null,
    recommended_actions: [],
    tools_used: [],
    capacity: null,
    requested_at: request.occurred_at,
    execution_ms: ms,
    usage: null,
  })

const agent: Agent = {
  name: 'assistant',
  version: options.version ?? 1,
  oncePer: { DiagnosisRequested: (request) => request.session_id },
  cancelledBy: ['DiagnosisCancelRequested'],
  activeLimitMs: () => options.limitMs ?? Number.POSITIVE_INFINITY,
  publishes: ['DiagnosisProgressed', 'DiagnosisCompleted'],
  on: { DiagnosisRequested: count },
  ended: (event, end) =>
    end.published.has('DiagnosisCompleted')
      ? []
      : [completed(event as DiagnosisRequested, end.run.id, end.run.attempt, end.status, end.code, end.run.activeMs())],
  limits: options.limits ?? {},
  ...(options.later === true
    ? { later: { DiagnosisRequested: { at: ({ context }) => Number(context['due'] ?? Date.now()), handle: count } } }
    : {}),
}

const bus = await createBus({ ...options.bus, contract })
const runtime = await startRuntime({
  agents: [agent],
  bus,
  contract,
  databaseUrl: options.databaseUrl,
  log: pino({ level: 'warn' }, pino.destination(2)),
  takeover: options.takeover ?? { heartbeatMs: 300, goneMs: 1500 },
})
process.once('SIGTERM', () => {
  void runtime
    .stop()
    .then(() => bus.close())
    .then(() => pool.end())
    .then(() => process.exit(0))
})
process.stdout.write('ready\n')
