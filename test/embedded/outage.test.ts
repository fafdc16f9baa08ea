import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../lab/until.ts'
import { startPrivatePostgres } from '../servers/postgres.ts'
import {
  client,
  createFakeServices,
  createSetting,
  machineToken,
  published,
  startControlPlane,
  type Setting,
} from './setting.ts'

let server: Awaited<ReturnType<typeof startPrivatePostgres>>
let setting: Setting
let token: string

beforeAll(async () => {
  server = await startPrivatePostgres()
  setting = await createSetting({ url: server.url, drop: () => server.stop() })
  token = await machineToken(setting, 'sre-executor', 'sre-platform:read sre-platform:write')
})

afterAll(async () => {
  await setting.close()
})

test('a database outage during a rollback and an alert loses and duplicates nothing', async () => {
  const lab = createFakeServices({ beforeDeploy: () => server.stop() })
  const controlPlane = await startControlPlane(setting, { lab })
  const ask = client(controlPlane.url, token)
  const body = {
    script_id: 'rollback',
    parameters: { image_tag: 'cart:1.5.0', expected_image_tag: 'cart:1.4.2' },
    target_resources: ['cart'],
  }
  const { body: begun } = await ask('POST', '/automation/execute', body, { 'idempotency-key': 'outage' })
  await until(() => lab.deployed.length === 1)
  const away = await ask('GET', '/deployments')
  expect(away).toMatchObject({ status: 500, body: { error: 'INTERNAL_ERROR' } })
  expect(JSON.stringify(away.body)).not.toMatch(/connect|ECONN|terminat/i)

  let now = Date.now()
  const slow = (seconds: number) => {
    for (let second = 0; second < seconds; second++)
      lab.measure([{ service: 'cart', indicator: 'latency_p95', value: 900 }], (now += 1_000))
  }
  slow(9)
  await server.start()
  const path = `/automation/executions/${String(begun['execution_id'])}`
  await until(async () => (await ask('GET', path)).body['status'] === 'success')
  expect(lab.deployed).toEqual(['cart cart:1.5.0'])
  slow(1)
  await until(async () => (await published(setting, 'DiagnosisRequested').catch(() => [])).length > 0)
  await until(async () => (await published(setting, 'ChangeRecorded').catch(() => [])).length > 0)
  slow(3)
  await controlPlane.stop()
  expect(await published(setting, 'DiagnosisRequested')).toHaveLength(1)
  expect(await published(setting, 'ChangeRecorded')).toHaveLength(1)
}, 180_000)

test('a control-plane whose consumer has failed reports it', async () => {
  const own = await createSetting(undefined, { silentMs: 2000 })
  const controlPlane = await startControlPlane(own, { lab: createFakeServices() })
  const locked = await own.pool.connect()
  try {
    // its handler blocks on this lock forever; the lock needs no transaction id, so readers of the log are not blocked
    await locked.query('BEGIN; LOCK TABLE control_plane.approvals IN SHARE MODE')
    const closed = { ...stamped(), approval_id: randomUUID(), action_hash: '', outcome: 'expired', code: 'expired' }
    const event = {
      ...closed,
      reason: null,
      decided_by: null,
      decision_jti: null,
      joined_approval: null,
      approved_by: [],
    }
    await own.bus.publish([await own.bus.encode('ApprovalClosed', event)])
    expect((await controlPlane.failed).message).toContain('no sign of life')
  } finally {
    await locked.query('ROLLBACK')
    locked.release()
  }
  await controlPlane.stop()
  await own.close()
}, 180_000)

const stamped = () => ({
  event_id: randomUUID(),
  session_id: randomUUID(),
  sequence: 0,
  tenant: 'default',
  occurred_at: Date.now(),
})
