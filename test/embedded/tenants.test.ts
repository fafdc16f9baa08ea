/** Two tenants on one control-plane: every route that reads or acts. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { until } from '../lab/until.ts'
import { createTenants } from '../../tenants/tenants.ts'
import { approvalRequested, BAD, GOOD, rollback } from '../events/requests.ts'
import { TWO_TEAMS } from '../identity/people.ts'
import { client, createFakeServices, createSetting, type FakeServices, machineToken, personToken, published, type Setting, startControlPlane } from './setting.ts' // prettier-ignore

let setting: Setting
let lab: FakeServices
let controlPlane: Awaited<ReturnType<typeof startControlPlane>>
/** ann of the shop, which owns cart; ben of billing, which owns the frontend; nil without a tenant's services */
let [ann, ben, nil, agent] = [client('', null), client('', null), client('', null), client('', null)]
const known = { deployment: '', incident: '', execution: '', approval: '' }
type Item = Record<string, unknown>

beforeAll(async () => {
  setting = await createSetting(undefined, { people: TWO_TEAMS })
  lab = createFakeServices()
  const tenants = createTenants(
    new Map([
      ['shop', { services: ['cart'] }],
      ['billing', { services: ['frontend'] }],
    ]),
  )
  controlPlane = await startControlPlane(setting, { lab, tenants })
  const asPerson = async (name: string) => client(controlPlane.url, await personToken(setting, name))
  ann = await asPerson('ann')
  ben = await asPerson('ben')
  nil = await asPerson('nil')
  agent = client(controlPlane.url, await machineToken(setting, 'sre-executor', 'sre-platform:read sre-platform:write'))

  known.deployment = String((await ann('POST', '/deployments', { service_name: 'cart', image_tag: BAD })).body['id'])
  await until(async () =>
    (await ann('GET', `/deployments/${known.deployment}`)).body['status'] === 'success' ? true : null,
  )
  // both are disturbed at once, and each tenant gets its own diagnosis
  for (const time of [0, 3_000, 6_000])
    lab.measure(
      ['cart', 'frontend'].map((service) => ({ service, indicator: 'error_ratio', value: 0.5 })),
      time,
    )
  known.incident = await until(async () => itemsOf(await ann('GET', '/incidents'))[0]?.['id'] as string | undefined)
  const execute = { script_id: 'rollback', parameters: { image_tag: GOOD, expected_image_tag: BAD }, target_resources: ['cart'], dry_run: true } // prettier-ignore
  known.execution = String((await agent('POST', '/automation/execute', execute, { 'idempotency-key': 'one' })).body['execution_id']) // prettier-ignore
  const approval = approvalRequested({ tenant: 'shop', action: rollback, approver_roles: ['super_admin'] })
  known.approval = approval.approval_id
  await setting.bus.publish([await setting.bus.encode('ApprovalRequested', approval)])
  await until(async () => ((await ann('GET', `/approvals/${known.approval}`)).status === 200 ? true : null))
})
afterAll(async () => {
  await controlPlane?.stop()
  await setting?.close()
})

const itemsOf = ({ body }: { body: Item }) => (body['items'] ?? []) as Item[]

test('each tenant gets a diagnosis of its own service only', async () => {
  await until(async () => ((await published(setting, 'DiagnosisRequested')).length === 2 ? true : null))
  const asked = (await published(setting, 'DiagnosisRequested')).map(({ tenant, service }) => [tenant, service])
  expect(asked.toSorted()).toEqual([
    ['billing', 'frontend'],
    ['shop', 'cart'],
  ])
  expect((await published(setting, 'ChangeRecorded')).map(({ tenant }) => tenant)).toEqual(['shop'])
})

describe.each([
  '/incidents',
  '/alerts',
  '/audit-logs?start_time=1970-01-01T00:00:00Z&end_time=2100-01-01T00:00:00Z',
  '/deployments',
  '/resources',
  '/approvals',
])(
  // prettier-ignore
  'GET %s',
  (path) => {
    test("shows the shop's data to the shop, and not to billing", async () => {
      expect(itemsOf(await ann('GET', path)).length).toBeGreaterThan(0)
      for (const person of [ben, nil]) {
        const answer = await person('GET', path)
        expect(answer.status).toBe(200)
        expect(itemsOf(answer).filter(({ service_name }) => service_name !== 'frontend')).toEqual([])
        expect(JSON.stringify(answer.body)).not.toContain('cart')
        expect((answer.body['pagination'] as { total: number }).total).toBe(itemsOf(answer).length)
      }
      expect(itemsOf(await nil('GET', path))).toEqual([])
    })
  },
)

describe('data of the shop', () => {
  const rollBack = { script_id: 'rollback', parameters: { image_tag: GOOD, expected_image_tag: BAD }, target_resources: ['cart'] } // prettier-ignore
  const key = { 'idempotency-key': 'theirs' }
  const decision = { decision: 'approved', reason: 'go', action_hash: 'f'.repeat(64) }
  const attempts = (): [string, string, unknown?, Record<string, string>?][] => [
    ['GET', `/incidents/${known.incident}`],
    ['POST', `/incidents/${known.incident}/acknowledge`],
    ['POST', `/incidents/${known.incident}/comments`, { comment: 'seen' }],
    ['GET', `/deployments/${known.deployment}`],
    ['POST', '/deployments', { service_name: 'cart', image_tag: GOOD }],
    ['POST', '/automation/execute', rollBack, key],
    ['GET', `/automation/executions/${known.execution}`],
    ['GET', `/approvals/${known.approval}`],
    ['POST', `/approvals/${known.approval}/decision`, decision],
  ]

  test('does not exist for a person of billing, who can neither read nor change it', async () => {
    const [before] = [[...lab.deployed]]
    for (const [method, path, body, headers] of attempts())
      for (const person of [ben, nil])
        expect([path, (await person(method, path, body, headers)).status]).toEqual([path, 404])
    expect(lab.deployed).toEqual(before)
    expect((await ann('GET', `/incidents/${known.incident}`)).body).toMatchObject({ status: 'new', comments: [] })
    expect(await published(setting, 'ApprovalDecided')).toEqual([])
  })

  test('can be read and acted on by the shop', async () => {
    for (const [method, path, body, headers] of attempts().filter(([, path]) => !path.startsWith('/approvals')))
      expect([path, (await ann(method, path, body, headers)).status < 300]).toEqual([path, true])
  })

  test('that an agent reports can be changed by nobody else', async () => {
    const { status, body } = await agent('POST', '/executions', { session_id: 's', status: 'running' })
    expect(status).toBe(201)
    const path = `/executions/${String(body['id'])}`
    for (const person of [ann, ben, nil])
      expect((await person('PATCH', path, { status: 'failed', output: 'theirs' })).status).toBe(404)
    expect((await agent('PATCH', path, {})).body).toMatchObject({ status: 'running', output: null })
  })

  test('is refused with the same words as unknown data', async () => {
    const told = async (service: string) =>
      (await ben('POST', '/deployments', { service_name: service, image_tag: 'x' })).body['message']
    expect(await told('cart')).toBe('no service cart')
    expect(await told('nothing')).toBe('no service nothing')
  })

  test('is fully visible to agents, which separate tenants themselves', async () => {
    const names = itemsOf(await agent('GET', '/resources')).map(({ service_name }) => service_name)
    expect(names).toEqual(['frontend', 'cart'])
    expect((await agent('GET', `/incidents/${known.incident}`)).status).toBe(200)
  })
})

test("a result of another tenant's agent under the same session is not shown in an incident", async () => {
  const { completed } = await import('../gateway/records.ts')
  const { body } = await ann('GET', `/incidents/${known.incident}`)
  const tell = async (tenant: string, revision: number) => {
    const { value } = completed(String(body['session_id']), { tenant, revision })
    await setting.bus.publish([await setting.bus.encode('DiagnosisCompleted', value)])
  }
  await tell('billing', 7)
  await tell('shop', 1)
  const diagnosis = await until(async () => (await ann('GET', `/incidents/${known.incident}`)).body['diagnosis'] as Item | null) // prettier-ignore
  expect(diagnosis).toMatchObject({ tenant: 'shop', revision: 1 })
})
