import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../lab/until.ts'
import {
  client,
  createFakeServices,
  createSetting,
  machineToken,
  personToken,
  published,
  startControlPlane,
} from './setting.ts'
import type { FakeServices, Setting } from './setting.ts'

let setting: Setting
let lab: FakeServices
let controlPlane: Awaited<ReturnType<typeof startControlPlane>>
let root: ReturnType<typeof client>
let executor: ReturnType<typeof client>
let release: () => void = () => undefined

beforeAll(async () => {
  setting = await createSetting()
  const gate = () => new Promise<void>((resolve) => (release = resolve))
  lab = createFakeServices({ breaks: ['cart:1.5.0'], beforeDeploy: gate })
  controlPlane = await startControlPlane(setting, { lab })
  root = client(controlPlane.url, await personToken(setting, 'root'))
  executor = client(
    controlPlane.url,
    await machineToken(setting, 'sre-executor', 'sre-platform:read sre-platform:write'),
  )
})

afterAll(async () => {
  await controlPlane.stop()
  await controlPlane.stop()
  await setting.close()
})

const rollback = {
  script_id: 'rollback',
  parameters: { image_tag: 'cart:1.5.0', expected_image_tag: 'cart:1.4.2' },
  target_resources: ['cart'],
}

test('a release that does not start leaves the previous one running, and publishes no change', async () => {
  const begun = await root('POST', '/deployments', { service_name: 'cart', image_tag: 'cart:1.5.0' })
  expect(begun).toMatchObject({ status: 202 })
  expect(await root('POST', '/deployments', { service_name: 'cart', image_tag: 'cart:1.5.0' })).toMatchObject({
    status: 409,
    body: { message: 'a deployment of cart is in progress' },
  })
  const meanwhile = await executor('POST', '/automation/execute', rollback, { 'idempotency-key': 'meanwhile' })
  const outcome = `/automation/executions/${String(meanwhile.body['execution_id'])}`
  await until(async () => (await executor('GET', outcome)).body['status'] === 'failed')
  expect((await executor('GET', outcome)).body['output']).toBe('a deployment of cart is in progress')
  release()
  const path = `/deployments/${String(begun.body['id'])}`
  await until(async () => (await root('GET', path)).body['status'] === 'failed')
  expect((await root('GET', path)).body).toMatchObject({ error: 'cart:1.5.0 did not become ready' })
  expect(lab.services()[1]?.imageTag).toBe('cart:1.4.2')
  const range = `start_time=2020-01-01T00:00:00Z&end_time=${new Date().toISOString()}`
  expect((await root('GET', `/audit-logs?${range}`)).body['items']).toEqual([])
  expect(await published(setting, 'ChangeRecorded')).toEqual([])
})

test('an execution whose release does not start fails, and says what is still running', async () => {
  const { body } = await executor('POST', '/automation/execute', rollback, { 'idempotency-key': 'fails' })
  const path = `/automation/executions/${String(body['execution_id'])}`
  await until(() => {
    release()
    return executor('GET', path).then((answer) => answer.body['status'] === 'failed')
  })
  expect((await executor('GET', path)).body['output']).toBe(
    'cart still runs cart:1.4.2: cart:1.5.0 did not become ready',
  )
})

test('a running release is not deployed again', async () => {
  const answer = await root('POST', '/deployments', { service_name: 'cart', image_tag: 'cart:1.4.2' })
  expect(answer).toMatchObject({ status: 409, body: { message: 'cart already runs cart:1.4.2' } })
})

test('a body that is not JSON is a client error', async () => {
  const response = await fetch(`${controlPlane.url}/api/v1/deployments`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await personToken(setting, 'root')}`, 'content-type': 'application/json' },
    body: '{"service_name":',
  })
  expect(response.status).toBe(400)
  expect(await response.json()).toMatchObject({ error: 'INVALID_REQUEST' })
})

test('lists are paged', async () => {
  const page = await root('GET', '/deployments?page=2&page_size=1')
  expect(page.body).toMatchObject({ items: [{ status: 'failed' }], pagination: { page: 2, page_size: 1, total: 2 } })
  expect(await root('GET', '/deployments?page_size=1000')).toMatchObject({ status: 400 })
})
