/** What the agents report of their tools, as the gateway shows it. */
import { randomUUID } from 'node:crypto'
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AgentStatus, AgentTool } from '../../schemas/events.generated.ts'
import { startPlatform, type Platform } from './platform.ts'

const START = Date.now()
const HOUR = 3_600_000
let platform: Platform
beforeAll(async () => {
  platform = await startPlatform()
})
afterAll(() => platform.close())

const tool = (name: string, over: Partial<AgentTool> = {}): AgentTool => ({
  ...{ tool: name, status: 'ok', endpoint: `http://${name}.test/`, capabilities: ['query'] },
  ...{ checked_at: START - 1000, response_ms: 12, answered_at: START - 1000, error: null, calls: 0, failed_calls: 0 },
  ...over,
})
const failed = { status: 'failed', error: 'connect ECONNREFUSED', answered_at: START - 60_000 }
const unconfigured = {
  status: 'not_configured',
  endpoint: null,
  checked_at: null,
  response_ms: null,
  answered_at: null,
}

const report = (agent: string, tools: AgentTool[], over: Partial<AgentStatus> = {}) => ({
  event: 'AgentStatus' as const,
  value: {
    ...{ event_id: uuid(), session_id: null, sequence: 0, tenant: 'default', occurred_at: START, state: 'running' },
    ...{ agent, instance: `${agent}/1`, version: '0.1.0', started_at: START - 60_000, interval_ms: 200_000, tools },
    workflows: [],
    ...over,
  },
})

const ask = async (language = 'en') =>
  (await platform.ask('bob', 'GET', '/api/v1/tools/status', { headers: { 'accept-language': language } })).body
const tells = (expected: object) => expect.poll(() => ask(), { timeout: 60_000, interval: 50 }).toMatchObject(expected)

test('is empty until an agent has reported', async () => {
  expect(await ask()).toEqual({})
  expect((await platform.ask(null, 'GET', '/api/v1/tools/status')).status).toBe(401)
})

test('distinguishes available, unavailable and not configured', async () => {
  await platform.tell(
    report('assistant', [
      tool('prometheus'),
      tool('loki', failed),
      tool('traces', unconfigured),
      tool('control-plane', { calls: 4, failed_calls: 2 }),
    ]),
  )
  await tells({
    prometheus: { status: 'available', endpoint: 'http://prometheus.test/', response_time: 0.012, error: null },
    loki: {
      status: 'unavailable',
      error: 'connect ECONNREFUSED',
      last_answer_at: new Date(START - 60_000).toISOString(),
    },
    traces: { status: 'not_configured', endpoint: null, checked_at: null, last_answer_at: null },
    'control-plane': { status: 'degraded', reports: [{ agent: 'assistant', calls: 4, failed_calls: 2, stale: false }] },
  })
})

test('is degraded where only some agents get an answer', async () => {
  await platform.tell(report('executor', [tool('prometheus', failed)]))
  await tells({ prometheus: { status: 'degraded', error: 'connect ECONNREFUSED', reports: [{}, {}] } })
})

test('an older report that arrives late changes nothing', async () => {
  await platform.tell(
    report('executor', [tool('prometheus', unconfigured)], { occurred_at: START - 1 }),
    report('another', [tool('marker')]),
  )
  await tells({ marker: { status: 'available' }, prometheus: { status: 'degraded' } })
})

test('an instance that has stopped is no longer listed', async () => {
  await platform.tell(report('another', [tool('marker')], { occurred_at: START + 1, state: 'stopping' }))
  await expect.poll(() => ask(), { timeout: 60_000, interval: 50 }).not.toHaveProperty('marker')
})

test('an overdue report is stale, and a tool with stale reports only is unknown', async () => {
  const gone = (instance: string, over: Partial<AgentStatus>) =>
    report('gone', [tool('tempo'), tool('jaeger', unconfigured)], { instance, ...over })
  await platform.tell(gone('gone/1', { occurred_at: START - 2 * HOUR }), gone('gone/2', { occurred_at: START - HOUR }))
  const since = new Date(START - HOUR).toISOString()
  await tells({
    // of an agent that is gone, its last instance
    tempo: {
      status: 'unknown',
      error: `gone has not reported since ${since}`,
      reports: [{ instance: 'gone/2', stale: true, status: 'unknown' }],
    },
    jaeger: { status: 'not_configured' },
  })
  expect(await ask('zh-TW')).toMatchObject({ tempo: { error: `gone 自 ${since} 起沒有回報` } })
  // a clock that is fast makes no report newer than its arrival
  await platform.tell(gone('gone/3', { occurred_at: START + HOUR }))
  await tells({ tempo: { status: 'available', error: null, reports: [{ instance: 'gone/3', stale: false }] } })
  const { reports } = (await ask())['tempo'] as { reports: { reported_at: string }[] }
  expect(Date.parse(reports[0]?.reported_at ?? '')).toBeLessThan(START + HOUR)
})

test('texts and lists of any length are cut, and a flood of instances is bounded', async () => {
  const long = 'x'.repeat(5000)
  const odd = report('odd', [tool('odd', { error: long, status: 'failed', capabilities: Array(100).fill(long) })])
  await platform.tell(odd)
  await tells({ odd: { status: 'unavailable' } })
  expect(JSON.stringify((await ask())['odd']).length).toBeLessThan(40_000)
  const flood = Array.from({ length: 1200 }, () => report('flood', [], { instance: randomUUID() }))
  await platform.tell(...flood)
  const count = async () =>
    (await platform.pool.query<{ n: number }>('SELECT count(*)::int AS n FROM gateway.agents')).rows[0]?.n ?? 0
  const arrived = async () => (await count()) >= 1000
  await expect.poll(arrived, { timeout: 60_000, interval: 50 }).toBe(true)
  await platform.tell(report('after', [tool('after')]))
  await tells({ after: { status: 'available' } })
  expect(await count()).toBe(1000)
})
