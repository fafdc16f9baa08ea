/**
 * Whole sessions a second, and what one session costs above its tools' time: `npm run bench`. One replica of the assistant and the gateway
 * in this process, PostgreSQL beside it, tools over a recording. Prints what was measured, on what, and the profile per step.
 */
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Pool } from 'pg'
import pino from 'pino'
import { recordedControlPlane } from '../agents/tools/recording/control-plane.ts'
import { recordedLogs } from '../agents/tools/recording/logs.ts'
import { recordedMetrics } from '../agents/tools/recording/metrics.ts'
import { finishedRecording } from '../agents/tools/recording/source.ts'
import { createBus, preparePostgresBus } from '../bus/create.ts'
import { prepareAgents, startAgents } from '../embedded/agents.ts'
import { startIssuer } from '../embedded/issuer.ts'
import { startLocalPostgres } from '../embedded/postgres.ts'
import { serveGateway } from '../gateway/serve.ts'
import { parseInstant } from '../recording/instant.ts'
import { readIncident } from '../recording/read.ts'
import { loadContract } from '../schemas/contract.ts'
import type { AgentUsage, DiagnosisCompleted, DiagnosisRequested } from '../schemas/events.generated.ts'
import { openSigningKeys } from '../schemas/signing-keys.ts'

const { values } = parseArgs({
  options: { sessions: { type: 'string', default: '300' }, alone: { type: 'string', default: '50' } },
})
const RECORDING = join(import.meta.dirname, '../test/scenarios/shop-01')
const dataDir = mkdtempSync(join(tmpdir(), 'sre-bench-'))
const log = pino({ level: 'error' }, pino.destination(2))
const contract = loadContract()
const postgres = await startLocalPostgres(dataDir)
const databaseUrl = postgres.url
await prepareAgents(databaseUrl)
await preparePostgresBus(databaseUrl, contract)
const bus = await createBus({ kind: 'postgres', databaseUrl, contract })
const issuer = await startIssuer({ dataDir })
const gateway = await serveGateway({
  ...{ databaseUrl, bus, contract, log, host: '127.0.0.1', port: 0 },
  identity: { issuer: issuer.url },
  decisions: { issuer: 'sre-gateway', keys: await openSigningKeys({ dir: join(dataDir, 'keys') }) },
})
const source = finishedRecording(RECORDING)
const runtime = await startAgents({
  ...{ bus, contract, databaseUrl, log, pollMs: 20 },
  assistant: {
    toolsFor: () => ({
      tools: {
        metrics: recordedMetrics(source),
        logs: recordedLogs(source),
        controlPlane: recordedControlPlane(source),
      },
    }),
    approverRoles: ['team_manager'],
    approvalTtlMs: 600_000,
    defaultLimitMs: 60_000,
    limits: { concurrency: 20 },
  },
})

const completed = new Map<string, { at: number; result: DiagnosisCompleted }>()
const toolMs = new Map<string, Map<string, number>>()
let calls = 0
const waiting = new Map<string, () => void>()
const consumption = await bus.subscribe({
  group: `bench-${randomUUID()}`,
  consumer: 'gateway',
  from: 'latest',
  topics: [contract.topicOf('DiagnosisCompleted').name, contract.topicOf('AgentUsage').name],
  handle(records) {
    for (const { event, value } of records) {
      if (event === 'DiagnosisCompleted') {
        completed.set(value.session_id, { at: performance.now(), result: value })
        waiting.get(value.session_id)?.()
      }
      if (event === 'AgentUsage') countTool(value)
    }
    return Promise.resolve([])
  },
})

/** Questions of one phase run side by side: the phase takes as long as its slowest. */
function countTool({ session_id, operation, latency_ms }: AgentUsage): void {
  if (session_id === null) return
  calls++
  const phases = toolMs.get(session_id) ?? new Map<string, number>()
  const phase = ['resources', 'alerts'].includes(operation ?? '') ? 'orient' : 'gather'
  phases.set(phase, Math.max(phases.get(phase) ?? 0, latency_ms))
  toolMs.set(session_id, phases)
}

const end = parseInstant((await readIncident(RECORDING)).window.end)
function request(): DiagnosisRequested {
  return {
    ...{
      event_id: randomUUID(),
      session_id: randomUUID(),
      sequence: 0,
      tenant: 'default',
      occurred_at: Date.now(),
      kind: 'alert',
    },
    ...{
      service: 'cart',
      namespace: null,
      severity: 'P2',
      incident_ids: [],
      alert_ids: [],
      deployment_id: null,
      affected_services: [],
    },
    ...{
      window_start: null,
      window_end: Math.round(end),
      question: null,
      max_execution_ms: null,
      requested_by: 'bench|bench',
      context: {},
    },
  }
}
const publish = async (requests: readonly DiagnosisRequested[]) =>
  bus.publish(await Promise.all(requests.map((one) => bus.encode('DiagnosisRequested', one))))
const answer = (sessionId: string) =>
  new Promise<void>((resolve) => {
    if (completed.has(sessionId)) resolve()
    else waiting.set(sessionId, resolve)
  })

const alone: number[] = []
for (let index = 0; index < Number(values.alone) + 5; index++) {
  const one = request()
  const began = performance.now()
  await publish([one])
  await answer(one.session_id)
  const total = (completed.get(one.session_id)?.at ?? 0) - began
  const tools = [...(toolMs.get(one.session_id)?.values() ?? [])].reduce((sum, ms) => sum + ms, 0)
  if (index >= 5) alone.push(total - tools)
}
alone.sort((a, b) => a - b)
const quantile = (share: number) => alone[Math.min(alone.length - 1, Math.floor(share * alone.length))] ?? Number.NaN

calls = 0
const many = Array.from({ length: Number(values.sessions) }, request)
const began = performance.now()
for (let index = 0; index < many.length; index += 20) await publish(many.slice(index, index + 20))
await Promise.all(many.map((one) => answer(one.session_id)))
const seconds = (performance.now() - began) / 1000

const pool = new Pool({ connectionString: databaseUrl })
const { rows } = await pool.query<{ function_name: string; ms: number; n: number }>(
  `SELECT regexp_replace(function_name, ' \\d+$', '') AS function_name, count(*)::int AS n,
     round(avg(completed_at_epoch_ms - started_at_epoch_ms), 1)::float AS ms
   FROM dbos.operation_outputs WHERE completed_at_epoch_ms IS NOT NULL GROUP BY 1 ORDER BY 3 DESC`,
)
const print = (line: string) => process.stdout.write(`${line}\n`)
print(
  `on ${availableParallelism()} cores (${cpus()[0]?.model ?? '?'}), PostgreSQL 18 beside, bus PostgreSQL, 1 replica, recording shop-01`,
)
print(
  `${many.length} sessions in ${seconds.toFixed(1)} s: ${(many.length / seconds).toFixed(1)} sessions/s, ${(calls / many.length).toFixed(1)} tool calls each (goal 50/s)`,
)
print(
  `one session alone, above its tools' time: p50 ${quantile(0.5).toFixed(0)} ms, p99 ${quantile(0.99).toFixed(0)} ms over ${alone.length} (goal 100, 300)`,
)
print('steps, mean ms under load:')
for (const { function_name: name, ms, n } of rows) print(`  ${name.padEnd(10)} ${String(ms).padStart(8)} ms  × ${n}`)

await pool.end()
await consumption.stop()
await runtime.stop()
await gateway.close()
await bus.close()
await issuer.close()
await postgres.close()
rmSync(dataDir, { recursive: true, force: true })
process.exit(0)
