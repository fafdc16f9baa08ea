/** What an operator sees of each component from outside: liveness, readiness and metrics. */
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Bus } from '../../bus/bus.ts'
import { createBus } from '../../bus/create.ts'
import { metricsPage } from '../../cli/metrics-doc.ts'
import { loadContract } from '../../schemas/contract.ts'
import { diagnosisRequested } from '../events/requests.ts'
import { freePort } from '../servers/free-port.ts'
import { startPrivatePostgres } from '../servers/postgres.ts'
import { runUnmeasured } from './run-sre.ts'
import { serve } from './serve.ts'

const PARTS = ['gateway', 'assistant', 'executor'] as const
type Part = (typeof PARTS)[number]

const contract = loadContract()
const TOPIC = contract.topicOf('DiagnosisRequested').name
const ports = new Map<Part, number>()
const running = new Map<Part, Awaited<ReturnType<typeof serve>>>()
let postgres: Awaited<ReturnType<typeof startPrivatePostgres>>
let environment: Record<string, string>
let bus: Bus

beforeAll(async () => {
  postgres = await startPrivatePostgres()
  environment = {
    DATABASE_URL: postgres.url,
    OIDC_ISSUER: 'http://127.0.0.1:1',
    CONTROL_PLANE_URL: 'http://127.0.0.1:1',
    ASSISTANT_CLIENT_SECRET: 'unused',
    EXECUTOR_CLIENT_SECRET: 'unused',
    DECISION_KEYS: 'sre-gateway=http://127.0.0.1:1/jwks.json',
    PROMETHEUS_URL: 'http://127.0.0.1:1',
    GATEWAY_PORT: String(await freePort()),
    DATA_DIR: mkdtempSync(join(tmpdir(), 'sre-health-')),
  }
  for (const part of PARTS) {
    const port = await freePort()
    ports.set(part, port)
    running.set(part, await serve(part, { ...environment, HEALTH_PORT: String(port) }))
  }
  bus = await createBus({ kind: 'postgres', databaseUrl: postgres.url, contract })
}, 300_000)
afterAll(async () => {
  await bus?.close()
  await Promise.all([...running.values()].map((part) => part.stop()))
  await postgres?.stop()
}, 120_000)

async function ask(part: Part, path: string) {
  const answer = await fetch(`http://127.0.0.1:${ports.get(part)}${path}`)
  const text = await answer.text()
  return { status: answer.status, text, body: text.startsWith('{') ? (JSON.parse(text) as unknown) : null }
}

/** Sum of the samples of this name that have all of these labels; undefined: there is none. */
async function metric(part: Part, name: string, labels: Record<string, string> = {}): Promise<number | undefined> {
  const { text } = await ask(part, '/metrics')
  const samples = text.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
  const found = samples.filter((line) => Object.entries(labels).every(([label, value]) => line.includes(`${label}="${value}"`))) // prettier-ignore
  return found.length === 0 ? undefined : found.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
}
const poll = <T>(look: () => Promise<T>) => expect.poll(look, { timeout: 60_000, interval: 200 })

describe('the health port', () => {
  it.each(PARTS)('serves liveness, readiness and metrics of the %s', async (part) => {
    expect(await ask(part, '/healthz')).toMatchObject({
      status: 200,
      body: { status: 'healthy', version: expect.any(String), uptime: expect.any(Number) },
    })
    // a source that is down does not make it unready
    await poll(() => ask(part, '/readyz')).toMatchObject({
      status: 200,
      body: { ready: true, checks: { postgres: true, bus: true } },
    })
    expect(await metric(part, 'sre_consumer_stopped')).toBe(0)
    expect(await metric(part, 'process_resident_memory_bytes')).toBeGreaterThan(0)
    expect(await metric(part, 'sre_consumer_lag_records')).toBe(0)
    expect(await ask(part, '/elsewhere')).toMatchObject({ status: 404 })
  })

  it('counts sessions by verdict, runs by outcome, and the calls of tools', async () => {
    const request = diagnosisRequested({ affected_services: ['cart'] })
    await bus.publish([await bus.encode('DiagnosisRequested', request)])
    await poll(() => metric('assistant', 'sre_sessions_total')).toBe(1)
    expect((await ask('assistant', '/metrics')).text).toMatch(/sre_sessions_total\{status="\w+",verdict="\w+"\} 1/)
    await poll(() => metric('assistant', 'sre_run_duration_seconds_count', { outcome: 'completed' })).toBe(1)
    const failed = { tool: 'prometheus', outcome: 'failed' }
    expect(await metric('assistant', 'sre_tool_call_duration_seconds_count', failed)).toBeGreaterThan(0)
    expect(await metric('assistant', 'sre_runs_waiting', { agent: 'assistant' })).toBe(0)
  })

  it('counts a dead letter, and logs it with its place and reason', async () => {
    const record = await bus.encode('DiagnosisRequested', diagnosisRequested({}))
    await bus.publish([{ ...record, value: Buffer.from('nonsense') }])
    const labels = { consumer: 'assistant', topic: TOPIC, code: 'bad_magic' }
    await poll(() => metric('assistant', 'sre_dead_letters_total', labels)).toBe(1)
    const lines = running.get('assistant')!.said().split('\n').filter((line) => line.includes('dead-lettered')) // prettier-ignore
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      {
        ...{ level: 'warn', part: 'assistant', code: 'bad_magic', reason: expect.stringContaining('Confluent') },
        origin: { topic: TOPIC, partition: expect.any(Number), offset: expect.any(String) },
      },
    ])
  })

  it('writes no log line for a probe or a scrape', async () => {
    const said = running.get('executor')!.said()
    for (const path of ['/healthz', '/readyz', '/metrics']) await ask('executor', path)
    expect(running.get('executor')!.said()).toBe(said)
  })

  it('says which variable gives a second replica on this machine another port', async () => {
    const taken = { ...environment, HEALTH_PORT: String(ports.get('assistant')) }
    const { code, err } = await runUnmeasured(['serve', 'assistant'], taken)
    expect({ code, err }).toMatchObject({ code: 1, err: expect.stringContaining('HEALTH_PORT=N') })
    expect((await runUnmeasured(['serve', 'assistant'], { ...environment, HEALTH_PORT: 'none' })).err).toContain(
      'HEALTH_PORT: must be a port, or off',
    )
  })

  it('is not ready while the database is down, but stays alive and keeps serving metrics', async () => {
    await postgres.kill()
    for (const part of PARTS) {
      await poll(() => ask(part, '/readyz')).toMatchObject({ status: 503, body: { checks: { postgres: false } } })
      expect(await ask(part, '/healthz')).toMatchObject({ status: 200 })
      // its lag is unknown, which is not zero
      expect(await metric(part, 'sre_consumer_lag_records')).toBeUndefined()
    }
    await postgres.start()
    for (const part of PARTS) await poll(() => ask(part, '/readyz')).toMatchObject({ status: 200 })
  }, 240_000)
})

describe('docs/reference/metrics.md', () => {
  it('is the page that is generated from the metrics', async () => {
    const page = readFileSync(join(import.meta.dirname, '../../docs/reference/metrics.md'), 'utf8')
    expect(page, 'run npm run docs:metrics').toBe(await metricsPage())
  })
})
