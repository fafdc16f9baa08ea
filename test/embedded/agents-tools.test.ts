import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTokenSource } from '../../agents/runtime/token.ts'
import { controlPlaneWriter, liveControlPlane } from '../../agents/tools/control-plane/control-plane.ts'
import { createHttp } from '../../agents/tools/http.ts'
import { until } from '../lab/until.ts'
import { client, createFakeServices, createSetting, personToken, startControlPlane, type Setting } from './setting.ts'
import type { FakeServices } from './setting.ts'

let setting: Setting
let lab: FakeServices
let controlPlane: Awaited<ReturnType<typeof startControlPlane>>
const context = { signal: new AbortController().signal }
const began = Date.now()

beforeAll(async () => {
  setting = await createSetting()
  lab = createFakeServices()
  controlPlane = await startControlPlane(setting, { lab })
})

afterAll(async () => {
  await controlPlane.stop()
  await setting.close()
})

/** An agent's HTTP client with its own credentials. */
const httpOf = (clientId: string, scope: string) => {
  const { issuer } = setting
  const clientSecret = issuer.clients[clientId] ?? ''
  const bearer = createTokenSource({ issuer: issuer.url, clientId, clientSecret, scope })
  return createHttp({ baseUrl: controlPlane.url, credentials: { bearer }, timeoutMs: 10_000 })
}
const range = () => ({ start: began - 60_000, end: Date.now() + 60_000 })

describe('an agent that only reads', () => {
  test('can read and parse every answer of the control-plane', async () => {
    const root = client(controlPlane.url, await personToken(setting, 'root'))
    const { body } = await root('POST', '/deployments', { service_name: 'cart', image_tag: 'cart:1.5.0' })
    const id = String(body['id'])
    await until(async () => (await root('GET', `/deployments/${id}`)).body['status'] === 'success')
    for (let second = 0; second < 9; second++)
      lab.measure([{ service: 'cart', indicator: 'latency_p95', value: 900 }], Date.now() + second * 1_000)
    const tool = liveControlPlane(httpOf('sre-assistant', 'sre-platform:read'))
    const alerts = await until(async () => {
      const answer = await tool.alerts({ range: range() }, context)
      return answer.status === 'ok' && answer.data.length > 0 && answer.data
    })
    expect(alerts).toMatchObject([{ name: 'HighLatency', service_name: 'cart', status: 'firing', severity: 'P2' }])
    expect(await tool.auditLogs({ services: ['cart'], range: range() }, context)).toMatchObject({
      status: 'ok',
      data: [
        {
          event_type: 'DEPLOYMENT',
          changes: { before: { image_tag: 'cart:1.4.2' }, after: { image_tag: 'cart:1.5.0' } },
        },
      ],
    })
    expect(await tool.deployment(id, context)).toMatchObject({ status: 'ok', data: { image_tag: 'cart:1.5.0' } })
    expect(await tool.resources({ service: null }, context)).toMatchObject({
      status: 'ok',
      data: [
        { service_name: 'frontend', depends_on: ['cart'] },
        { service_name: 'cart', image_tag: 'cart:1.5.0' },
      ],
    })
    const { items } = (await root('GET', '/incidents')).body as { items: { id: string }[] }
    expect(await tool.incident(items[0]?.id ?? '', context)).toMatchObject({
      status: 'ok',
      data: { service_name: 'cart' },
    })
    expect(await tool.incident('nothing', context)).toMatchObject({ status: 'no_data' })
  })

  test('cannot change anything with its credentials', async () => {
    const request = {
      scriptId: 'rollback',
      parameters: { image_tag: 'cart:1.4.2', expected_image_tag: 'cart:1.5.0' },
      targets: ['cart'],
      dryRun: false,
      idempotencyKey: 'assistant',
    }
    const writer = controlPlaneWriter(httpOf('sre-assistant', 'sre-platform:read'))
    expect(await writer.execute(request, context)).toMatchObject({
      status: 'no_data',
      summary: expect.stringContaining('403') as string,
    })
    const grasping = controlPlaneWriter(httpOf('sre-assistant', 'sre-platform:read sre-platform:write'))
    expect(await grasping.execute(request, context)).toMatchObject({ status: 'failed' })
    expect(lab.services()[1]?.imageTag).toBe('cart:1.5.0')
  })
})

test('the executor rolls back with its own credentials', async () => {
  const writer = controlPlaneWriter(httpOf('sre-executor', 'sre-platform:read sre-platform:write'))
  const request = {
    scriptId: 'rollback',
    parameters: { image_tag: 'cart:1.4.2', expected_image_tag: 'cart:1.5.0' },
    targets: ['cart'],
    idempotencyKey: 'executor',
  }
  expect(await writer.execute({ ...request, dryRun: true, idempotencyKey: 'dry' }, context)).toMatchObject({
    status: 'ok',
    data: { status: 'success' },
  })
  const begun = await writer.execute({ ...request, dryRun: false }, context)
  const id = begun.status === 'ok' ? begun.data.execution_id : ''
  await until(async () => {
    const answer = await writer.execution(id, context)
    return answer.status === 'ok' && answer.data.status === 'success'
  })
  expect(lab.services()[1]?.imageTag).toBe('cart:1.4.2')
})
