/** The workflows that the agents tell, with the figures of the caller's tenant. */
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WORKFLOWS as OF_ASSISTANT } from '../../agents/assistant/workflows.ts'
import { WORKFLOWS as OF_EXECUTOR } from '../../agents/executor/workflows.ts'
import type { Workflow } from '../../agents/runtime/agent.ts'
import type { AgentStatus, AgentWorkflow, DiagnosisCompleted } from '../../schemas/events.generated.ts'
import { type Belongings, createTenants } from '../../tenants/tenants.ts'
import { TWO_TEAMS } from '../identity/people.ts'
import { type Platform, startPlatform } from './platform.ts'
import { actionCompleted, approvalRequested, completed, requested } from './records.ts'

const START = Date.now()
const WAIT = { timeout: 60_000, interval: 50 }
let platform: Platform
beforeAll(async () => {
  const tenants = createTenants(new Map<string, Belongings>([['shop', { services: ['cart'] }], ['billing', { services: ['invoices'] }]])) // prettier-ignore
  platform = await startPlatform({ tenants }, { people: TWO_TEAMS })
})
afterAll(() => platform?.close())

const versioned = (version: string, workflows: readonly Workflow[]): AgentWorkflow[] => workflows.map((one) => ({ ...one, version })) // prettier-ignore
const report = (agent: string, instance: string, workflows: AgentWorkflow[], over: Partial<AgentStatus> = {}) => ({
  event: 'AgentStatus' as const,
  value: {
    ...{ event_id: uuid(), session_id: null, sequence: 0, tenant: 'default', occurred_at: START, state: 'running' },
    ...{ agent, instance, version: '0.1.0', started_at: START, interval_ms: 200_000, tools: [], workflows, ...over },
  },
})

interface Template {
  id: string
  estimated_duration: number | null
  success_rate: number | null
  finished: number
}
const list = async (who: string, language = 'en') =>
  (await platform.ask(who, 'GET', '/api/v1/workflows/templates', { headers: { 'accept-language': language } }))
    .body as unknown as Template[]
const figures = async (who: string) =>
  Object.fromEntries((await list(who)).map(({ id, estimated_duration: s, success_rate: of, finished }) => [id, [s, of, finished]])) // prettier-ignore
const seen = (matching: unknown) => expect.poll(() => list('ann'), WAIT).toMatchObject(matching as object)

test('is empty until an agent has reported, and then lists what the newest instance runs, in both languages', async () => {
  expect(await list('ann')).toEqual([])
  const older = { started_at: START - 60_000, occurred_at: START + 1 }
  await platform.tell(
    report('assistant', 'assistant/1', versioned('8', OF_ASSISTANT)),
    report('assistant', 'assistant/0', versioned('7', OF_ASSISTANT), older),
    report('executor', 'executor/1', versioned('3', OF_EXECUTOR)),
  )
  const unknown = { estimated_duration: null, success_rate: null, finished: 0 }
  await seen([
    { id: 'capacity', agent: 'assistant', version: '8', kinds: ['capacity'], ...unknown },
    {
      ...{ id: 'diagnosis', name: 'Diagnosis', version: '8', kinds: ['deployment', 'alert', 'question'], ...unknown },
      steps: [{ id: 'orient', name: 'Services, alerts and changes' }, { id: 'gather' }, { id: 'analyse' }],
    },
    { id: 'action', agent: 'executor', version: '3', kinds: [], ...unknown },
  ])
  expect((await list('ann', 'zh-TW'))[1]).toMatchObject({ name: '診斷', steps: [{ name: '服務、告警與變更' }, {}, {}] })
})

test('the figures are of the own tenant: the median of those with a result, and the share of these', async () => {
  const ended = (kind: string, ms: number, over: Partial<DiagnosisCompleted> = {}, tenant = 'shop') => {
    const session = uuid()
    return [
      requested(session, { tenant, kind, occurred_at: START }),
      completed(session, { tenant, occurred_at: START + ms, ...over }),
    ]
  }
  const [session, approved, failed] = [uuid(), uuid(), uuid()]
  const acted = (id: string, tenant: string, over: object) => {
    const { event, value } = actionCompleted(session, id)
    return { event, value: { ...value, tenant, ...over } }
  }
  await platform.tell(
    ...ended('alert', 1000),
    ...ended('question', 3000, { status: 'partial' }),
    ...ended('deployment', 9000),
    ...ended('alert', 10, { status: 'failed' }),
    ...ended('alert', 20, { status: 'cancelled' }),
    // a redrive, a day later
    ...ended('alert', 86_400_000, { revision: 2 }),
    ...ended('alert', 60_000, {}, 'billing'),
    requested(session, { tenant: 'shop', kind: 'alert' }),
    approvalRequested(session, approved, { tenant: 'shop' }),
    approvalRequested(session, failed, { tenant: 'shop' }),
    acted(approved, 'shop', { outcome: 'succeeded', started_at: START, occurred_at: START + 90_000 }),
    acted(failed, 'shop', { outcome: 'failed', started_at: START, occurred_at: START + 1 }),
  )
  expect(await figures('ann')).toEqual({
    ...{ capacity: [null, null, 0], diagnosis: [3, 0.8, 5], action: [90, 0.5, 2] },
  })
  expect(await figures('ben')).toEqual({
    ...{ capacity: [null, null, 0], diagnosis: [60, 1, 1], action: [null, null, 0] },
  })
  const all = { capacity: [null, null, 0], diagnosis: [null, null, 0], action: [null, null, 0] }
  expect(await figures('nil')).toEqual(all)
  // one that only failed has a rate, but no duration
  await platform.tell(...ended('capacity', 10, { status: 'failed' }, 'billing'))
  expect(await figures('ben')).toMatchObject({ capacity: [null, 0, 1] })
})

test('what an unknown agent tells is cut, and has no figures; a report of an earlier release has no workflows', async () => {
  const long = 'x'.repeat(3000)
  const odd = { id: long, version: long, name: { en: long }, event: 'Odd', kinds: Array(100).fill(long), steps: Array(100).fill({ id: long, name: { en: long } }) } // prettier-ignore
  await platform.pool.query(
    `INSERT INTO gateway.agents (instance, agent, report, occurred_at) VALUES ('old/1', 'old', $1, $2)`,
    [JSON.stringify({ ...report('old', 'old/1', []).value, workflows: undefined }), START],
  )
  await platform.tell(report('zodd', 'zodd/1', [odd]))
  await seen([{}, {}, {}, { agent: 'zodd', finished: 0, estimated_duration: null, success_rate: null }])
  expect(JSON.stringify((await list('ann'))[3]).length).toBeLessThan(100_000)
})
