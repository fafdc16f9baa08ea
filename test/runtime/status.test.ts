/** What an agent reports of itself: over a real bus, of a real Prometheus that goes away. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pino } from 'pino'
import { emit } from '../../agents/runtime/agent.ts'
import { publishedChannel } from '../../agents/runtime/metrics.ts'
import { reportStatus } from '../../agents/runtime/status.ts'
import type { Bus } from '../../bus/bus.ts'
import { createBus, preparePostgresBus } from '../../bus/create.ts'
import { openPool } from '../../bus/postgres/pool.ts'
import { readConfig } from '../../cli/config.ts'
import { controlPlaneChecks, sourceChecksOf } from '../../cli/serve/tool-checks.ts'
import { contract } from '../bus/bench.ts'
import { published } from '../bus/published.ts'
import { createDatabase, type Database } from '../servers/postgres.ts'
import { startPrometheus } from '../servers/prometheus.ts'

const WAIT = { timeout: 60_000, interval: 50 }
let database: Database
let bus: Bus
let pool: ReturnType<typeof openPool>
beforeAll(async () => {
  database = await createDatabase('status')
  await preparePostgresBus(database.url, contract)
  bus = await createBus({ kind: 'postgres', databaseUrl: database.url, contract })
  pool = openPool({ connectionString: database.url, max: 1 })
})
afterAll(async () => {
  await bus?.close()
  await pool?.end()
  await database?.drop()
})

const reports = async () => (await published('AgentStatus', { bus, contract, pool })).map(({ value }) => value)
const last = async () => (await reports()).at(-1)
const setup = { agent: 'assistant', owner: 'host/1', log: pino({ level: 'silent' }), everyMs: 100 }
const used = (name: string, outcome: string) =>
  publishedChannel.publish(
    emit('AgentUsage', {
      ...{ session_id: null, agent: 'assistant', run_id: 'r', kind: 'tool', name, operation: 'query', outcome },
      ...{ latency_ms: 5, input_tokens: null, output_tokens: null, cost_usd: null },
    } as Parameters<typeof emit<'AgentUsage'>>[1]),
  )

test('reports what answers, what does not, why, and what is not configured', async () => {
  const prometheus = await startPrometheus()
  const secret = new URL(prometheus.url)
  secret.username = 'reader'
  secret.password = 'hunter2hunter2'
  const config = readConfig({ PROMETHEUS_URL: secret.href })
  const checks = [...sourceChecksOf(config), ...controlPlaneChecks(config, null)]
  const status = reportStatus({ ...setup, bus, checks })
  try {
    await expect.poll(last, WAIT).toMatchObject({
      ...{ agent: 'assistant', instance: 'assistant/host/1', state: 'running', interval_ms: 100, session_id: null },
      tools: [
        {
          tool: 'prometheus',
          status: 'ok',
          endpoint: `${prometheus.url}/`,
          error: null,
          answered_at: expect.any(Number),
        },
        { tool: 'loki', status: 'not_configured', checked_at: null, answered_at: null },
        { tool: 'traces', status: 'not_configured' },
        { tool: 'control-plane', status: 'not_configured' },
      ],
    })
    expect(JSON.stringify(await reports())).not.toContain('hunter2')
  } finally {
    await prometheus.stop()
  }
  await expect
    .poll(async () => (await last())?.tools[0], WAIT)
    .toMatchObject({
      ...{ status: 'failed', error: expect.stringContaining('ECONNREFUSED'), answered_at: expect.any(Number) },
    })
  await status.stop()
  expect(await last()).toMatchObject({ state: 'stopping' })
  const sequences = (await reports()).map(({ sequence }) => sequence)
  expect(sequences).toEqual(sequences.map((_, index) => index))
})

test('counts the queries between two reports, and takes an answer to one as a sign of life', async () => {
  const refused = () => Promise.reject(new Error('token=supersecretvalue123456 was refused'))
  const checks = [{ tool: 'loki', endpoint: null, capabilities: [], look: refused }]
  const status = reportStatus({ ...setup, owner: 'host/2', bus, checks })
  const mine = async () => (await reports()).filter(({ instance }) => instance === 'assistant/host/2')
  await expect.poll(async () => (await mine()).length, WAIT).toBeGreaterThan(0)
  expect((await mine())[0]?.tools[0]).toMatchObject({ status: 'failed', answered_at: null, calls: 0 })
  used('loki', 'ok')
  used('loki', 'failed')
  const counted = async () => (await mine()).flatMap(({ tools }) => tools).filter(({ calls }) => calls > 0)
  await expect.poll(counted, WAIT).toMatchObject([{ calls: 2, failed_calls: 1, answered_at: expect.any(Number) }])
  await status.stop()
})

test('while the bus is down only the reports are lost', async () => {
  let away = true
  const flaky: Pick<Bus, 'encode' | 'publish'> = {
    encode: bus.encode,
    publish: (records) => (away ? Promise.reject(new Error('away')) : bus.publish(records)),
  }
  const checks = [{ tool: 'loki', endpoint: null, capabilities: [], look: () => Promise.resolve() }]
  const status = reportStatus({ ...setup, owner: 'host/3', bus: flaky, checks })
  const mine = async () => (await reports()).filter(({ instance }) => instance === 'assistant/host/3')
  expect(await mine()).toEqual([])
  away = false
  await expect.poll(async () => (await mine()).length, WAIT).toBeGreaterThan(1)
  away = true
  await status.stop()
})
