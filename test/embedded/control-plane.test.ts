import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { until } from '../lab/until.ts'
import {
  client,
  createFakeServices,
  createSetting,
  machineToken,
  personToken,
  published,
  startControlPlane,
  type FakeServices,
  type Setting,
} from './setting.ts'

let setting: Setting
let lab: FakeServices
let controlPlane: Awaited<ReturnType<typeof startControlPlane>>
let reader: ReturnType<typeof client>
let executor: ReturnType<typeof client>
let root: ReturnType<typeof client>

beforeAll(async () => {
  setting = await createSetting()
  lab = createFakeServices({ breaks: [] })
  controlPlane = await startControlPlane(setting, { lab })
  const write = 'sre-platform:read sre-platform:write'
  reader = client(controlPlane.url, await machineToken(setting, 'sre-assistant', 'sre-platform:read'))
  executor = client(controlPlane.url, await machineToken(setting, 'sre-executor', write))
  root = client(controlPlane.url, await personToken(setting, 'root'))
})

afterAll(async () => {
  await controlPlane.stop()
  await setting.close()
})

const rollback = (from: string, to: string, dry_run = false) => ({
  script_id: 'rollback',
  parameters: { image_tag: to, expected_image_tag: from },
  target_resources: ['cart'],
  dry_run,
})

const finished = async (id: unknown) =>
  until(async () => {
    const { body } = await executor('GET', `/automation/executions/${String(id)}`)
    return body['status'] === 'running' ? null : body
  })

describe('a caller', () => {
  test('needs a token', async () => {
    const nobody = client(controlPlane.url, null)
    expect(await nobody('GET', '/resources')).toMatchObject({ status: 401, body: { error: 'AUTHENTICATION_FAILED' } })
    const forged = client(controlPlane.url, 'eyJhbGciOiJub25lIn0.e30.')
    expect(await forged('GET', '/resources')).toMatchObject({ status: 401 })
  })

  test('refuses a token for another audience', async () => {
    const own = client(controlPlane.url, await machineToken(setting, 'control-plane', 'sre-platform:read'))
    expect(await own('GET', '/resources')).toMatchObject({ status: 401 })
  })

  test.each([
    ['POST', '/automation/execute', rollback('cart:1.4.2', 'cart:1.5.0')],
    ['POST', '/deployments', { service_name: 'cart', image_tag: 'cart:1.5.0' }],
    ['POST', '/executions', { session_id: 'x', status: 'running' }],
    ['PATCH', '/executions/x', { status: 'failed' }],
    ['POST', '/incidents/x/acknowledge', { comment: 'seen' }],
    ['POST', '/incidents/x/comments', { comment: 'seen' }],
    ['POST', '/approvals/x/decision', { decision: 'approved', reason: 'r', action_hash: 'h' }],
  ])('with a token that only reads cannot %s %s', async (method, path, body) => {
    const answer = await reader(method, path, body, { 'idempotency-key': 'reader' })
    expect(answer).toMatchObject({ status: 403, body: { error: 'INSUFFICIENT_PERMISSIONS' } })
    expect(lab.deployed).toEqual([])
  })

  test('a person without the write scope cannot deploy', async () => {
    const alice = client(controlPlane.url, await personToken(setting, 'alice'))
    expect(await alice('POST', '/deployments', { service_name: 'cart', image_tag: 'cart:1.5.0' })).toMatchObject({
      status: 403,
    })
    expect(await alice('GET', '/deployments')).toMatchObject({ status: 200 })
  })
})

describe('a deployment', () => {
  test('is carried out, recorded in the audit log, and published', async () => {
    const before = Date.now()
    const begun = await root('POST', '/deployments', { service_name: 'cart', image_tag: 'cart:1.5.0' })
    expect(begun).toMatchObject({ status: 202, body: { status: 'running', previous_image_tag: 'cart:1.4.2' } })
    await until(
      async () => (await reader('GET', `/deployments/${String(begun.body['id'])}`)).body['status'] === 'success',
    )
    expect(lab.deployed).toEqual(['cart cart:1.5.0'])
    const range = `start_time=${new Date(before - 1_000).toISOString()}&end_time=${new Date().toISOString()}`
    const audit = await reader('GET', `/audit-logs?service_name=cart&${range}`)
    expect(audit.body['items']).toMatchObject([
      {
        event_type: 'DEPLOYMENT',
        service_name: 'cart',
        author: `${setting.issuer.url}|root`,
        changes: { before: { image_tag: 'cart:1.4.2' }, after: { image_tag: 'cart:1.5.0' } },
      },
    ])
    const changes = await until(async () => {
      const all = await published(setting, 'ChangeRecorded')
      return all.length > 0 && all
    })
    expect(changes).toMatchObject([{ service: 'cart', type: 'DEPLOYMENT', deployment_id: begun.body['id'] }])
    const resources = await reader('GET', '/resources?service_name=cart')
    expect(resources.body['items']).toMatchObject([{ service_name: 'cart', image_tag: 'cart:1.5.0', depends_on: [] }])
  })

  test('of something unknown is refused', async () => {
    expect(await root('POST', '/deployments', { service_name: 'cart', image_tag: 'cart:9' })).toMatchObject({
      status: 422,
    })
    expect(await root('POST', '/deployments', { service_name: 'x', image_tag: 'x:1' })).toMatchObject({ status: 404 })
    expect(await root('POST', '/deployments', { service_name: 'cart' })).toMatchObject({ status: 422 })
    expect(await reader('GET', '/deployments/x')).toMatchObject({ status: 404 })
  })

  test('without a time range, the audit log says what is missing', async () => {
    const answer = await reader('GET', '/audit-logs?service_name=cart')
    expect(answer).toMatchObject({ status: 400, body: { error: 'INVALID_REQUEST' } })
    expect(answer.body['message']).toContain('start_time')
  })
})

describe('an execution', () => {
  const key = (value: string) => ({ 'idempotency-key': value })

  test('needs an Idempotency-Key', async () => {
    expect(await executor('POST', '/automation/execute', rollback('cart:1.5.0', 'cart:1.4.2'))).toMatchObject({
      status: 400,
    })
  })

  test('dry runs change nothing', async () => {
    const answer = await executor('POST', '/automation/execute', rollback('cart:1.5.0', 'cart:1.4.2', true), key('dry'))
    expect(answer).toMatchObject({ status: 202, body: { status: 'success' } })
    expect(lab.services()[1]?.imageTag).toBe('cart:1.5.0')
  })

  test('is refused if the target is not in the expected state', async () => {
    const { body } = await executor('POST', '/automation/execute', rollback('cart:1.4.9', 'cart:1.4.2'), key('moved'))
    expect(await finished(body['execution_id'])).toMatchObject({
      status: 'failed',
      output: 'cart runs cart:1.5.0, not cart:1.4.9 as expected',
    })
    expect(lab.services()[1]?.imageTag).toBe('cart:1.5.0')
  })

  test('restores the previous release, once per key', async () => {
    const body = rollback('cart:1.5.0', 'cart:1.4.2')
    const asked = await Promise.all([1, 2, 3].map(() => executor('POST', '/automation/execute', body, key('once'))))
    expect(new Set(asked.map((answer) => answer.body['execution_id'])).size).toBe(1)
    expect(await finished(asked[0]?.body['execution_id'])).toMatchObject({ status: 'success' })
    expect(await executor('POST', '/automation/execute', body, key('once'))).toMatchObject({
      body: { status: 'success' },
    })
    expect(lab.deployed).toEqual(['cart cart:1.5.0', 'cart cart:1.4.2'])
  })

  test('with a known key and another body is a conflict', async () => {
    const answer = await executor('POST', '/automation/execute', rollback('cart:1.4.2', 'cart:1.5.0'), key('once'))
    expect(answer).toMatchObject({ status: 409, body: { error: 'RESOURCE_CONFLICT' } })
  })

  test('of an unknown script fails and lists the known ones', async () => {
    const unknown = { ...rollback('cart:1.4.2', 'cart:1.5.0', true), script_id: 'format-disk' }
    expect(await executor('POST', '/automation/execute', unknown, key('unknown'))).toMatchObject({
      body: { status: 'failed', output: 'no script format-disk; available: rollback, restart, scale, run_script' },
    })
    expect(await executor('GET', '/automation/executions/x')).toMatchObject({ status: 404 })
  })
})

test('an agent can report its own runs and change only those', async () => {
  const created = await executor('POST', '/executions', { session_id: 's', status: 'running' })
  expect(created).toMatchObject({ status: 201, body: { status: 'running' } })
  const path = `/executions/${String(created.body['id'])}`
  expect(await executor('PATCH', path, { status: 'completed', output: 'done' })).toMatchObject({
    status: 200,
    body: { status: 'completed', output: 'done' },
  })
  expect(await root('PATCH', path, { status: 'failed' })).toMatchObject({ status: 404 })
})

describe('an alert', () => {
  const slow = { service: 'cart', indicator: 'latency_p95' }
  let now = Date.now() - 60_000
  const measure = (value: number, seconds: number) => {
    for (let second = 0; second < seconds; second++) lab.measure([{ ...slow, value }], (now += 1_000))
  }
  const alerts = async (status: string) => (await reader('GET', `/alerts?status=${status}`)).body['items'] as object[]

  test('is pending, fires, opens an incident and requests one diagnosis', async () => {
    measure(900, 2)
    await until(async () => (await alerts('pending')).length === 1)
    measure(900, 6)
    await until(async () => (await alerts('firing')).length === 1)
    lab.measure([{ service: 'frontend', indicator: 'error_ratio', value: 0.4 }], (now += 1_000))
    lab.measure([{ service: 'frontend', indicator: 'error_ratio', value: 0.4 }], (now += 7_000))
    await until(async () => (await alerts('firing')).length === 2)
    const { items } = (await reader('GET', '/incidents?status=new')).body as {
      items: { id: string; session_id: string }[]
    }
    expect(items).toHaveLength(1)
    const requests = await until(async () => {
      const all = await published(setting, 'DiagnosisRequested')
      return all.length > 0 && all
    })
    expect(requests).toMatchObject([
      {
        kind: 'alert',
        service: 'cart',
        session_id: items[0]?.session_id,
        incident_ids: [items[0]?.id],
        requested_by: `${setting.issuer.url}|control-plane`,
      },
    ])
  })

  test('can be acknowledged by a person', async () => {
    const { items } = (await reader('GET', '/incidents?status=new')).body as { items: { id: string }[] }
    const path = `/incidents/${items[0]?.id}`
    expect(await root('POST', `${path}/acknowledge`, { comment: 'looking' })).toMatchObject({
      body: { status: 'acknowledged', acknowledged_at: expect.any(String) as string },
    })
    await root('POST', `${path}/comments`, { comment: 'it is the cart' })
    expect((await reader('GET', path)).body['comments']).toMatchObject([
      { author: `${setting.issuer.url}|root`, comment: 'looking' },
      { comment: 'it is the cart' },
    ])
    expect(await root('POST', `${path}/comments`, {})).toMatchObject({ status: 422 })
  })

  test('resolves when it is quiet again, and so does its incident with the last one', async () => {
    measure(100, 7)
    await until(async () => (await alerts('firing')).length === 1)
    expect((await reader('GET', '/incidents?status=acknowledged')).body['items']).toHaveLength(1)
    lab.measure([{ service: 'frontend', indicator: 'error_ratio', value: 0 }], (now += 1_000))
    lab.measure([{ service: 'frontend', indicator: 'error_ratio', value: 0 }], (now += 6_000))
    await until(async () => (await alerts('firing')).length === 0)
    expect((await reader('GET', '/incidents?status=resolved')).body['items']).toHaveLength(1)
  })
})

describe('the judgement of a deployment', () => {
  let now = 0
  const measure = (latency: number, seconds: number) => {
    for (let second = 0; second < seconds; second++)
      lab.measure([{ service: 'cart', indicator: 'latency_p95', value: latency }], (now += 1_000))
  }
  async function deploy(imageTag: string): Promise<string> {
    now = Date.now() - 30_000
    measure(40, 20)
    const { body } = await root('POST', '/deployments', { service_name: 'cart', image_tag: imageTag })
    const id = String(body['id'])
    await until(async () => (await reader('GET', `/deployments/${id}`)).body['status'] === 'success')
    now = Date.now()
    return id
  }
  const judged = (id: string) =>
    until(async () => {
      const watched = `SELECT FROM control_plane.deployments WHERE id = $1 AND baseline IS NULL`
      return (await setting.pool.query(watched, [id])).rowCount === 1
    })
  const requests = async () =>
    (await published(setting, 'DiagnosisRequested')).filter(({ kind }) => kind === 'deployment')

  test('is skipped if the release is no longer running', async () => {
    const id = await deploy('cart:1.5.0')
    measure(300, 10)
    const body = rollback('cart:1.5.0', 'cart:1.4.2')
    const { body: begun } = await executor('POST', '/automation/execute', body, { 'idempotency-key': 'undone' })
    await finished(begun['execution_id'])
    measure(300, 22)
    await judged(id)
    expect(await requests()).toEqual([])
  })

  test('requests a diagnosis if the service clearly got worse', async () => {
    const id = await deploy('cart:1.5.0')
    measure(300, 32)
    const [request] = await until(async () => {
      const all = await requests()
      return all.length > 0 && all
    })
    expect(request).toMatchObject({ service: 'cart', deployment_id: id, alert_ids: [] })
  })
})
