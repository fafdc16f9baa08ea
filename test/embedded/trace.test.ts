import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { until } from '../lab/until.ts'
import { client, createFakeServices, createSetting, headersOf, personToken, startControlPlane } from './setting.ts'
import type { FakeServices, Setting } from './setting.ts'

const judgeAfterMs = 20_000
let setting: Setting
let lab: FakeServices
let controlPlane: Awaited<ReturnType<typeof startControlPlane>>
let root: ReturnType<typeof client>

beforeAll(async () => {
  setting = await createSetting()
  lab = createFakeServices()
  controlPlane = await startControlPlane(setting, { lab, judgeAfterMs })
  root = client(controlPlane.url, await personToken(setting, 'root'))
})
afterAll(async () => {
  await controlPlane.stop()
  await setting.close()
})

const traceOf = (digit: string) => ({
  'x-request-id': `request-${digit}`,
  traceparent: `00-${digit.repeat(32)}-${digit.repeat(16)}-01`,
})
const latency = (value: number, from: number, to: number) => {
  for (let time = from; time < to; time += 1000)
    lab.measure([{ service: 'cart', indicator: 'latency_p95', value }], time)
}
const told = (event: Parameters<typeof headersOf>[1], count: number) =>
  until(async () => {
    const headers = await headersOf(setting, event)
    return headers.length === count && headers
  })

describe('an event of the control-plane', () => {
  test('carries the id and trace of its originating request, even if published much later', async () => {
    const began = Date.now()
    latency(100, began - 30_000, began)
    await root('POST', '/deployments', { service_name: 'cart', image_tag: 'cart:1.5.0' }, traceOf('a'))
    expect(await told('ChangeRecorded', 1)).toMatchObject([traceOf('a')])
    latency(450, Date.now() + 1000, Date.now() + judgeAfterMs + 3000)
    expect(await told('DiagnosisRequested', 1)).toMatchObject([traceOf('a')])
  })

  test('carries those of the request that executed a script', async () => {
    const parameters = { image_tag: 'cart:1.4.2', expected_image_tag: 'cart:1.5.0' }
    const body = { script_id: 'rollback', parameters, target_resources: ['cart'] }
    await root('POST', '/automation/execute', body, { 'idempotency-key': 'one', ...traceOf('b') })
    expect((await told('ChangeRecorded', 2)).at(-1)).toMatchObject(traceOf('b'))
  })

  test('starts a new trace if no request caused it', async () => {
    await setting.pool.query(`UPDATE control_plane.incidents SET status = 'resolved', started_at = 'epoch'`)
    const now = Date.now() + 60_000
    latency(900, now, now + 12_000)
    const fresh = (await told('DiagnosisRequested', 2)).find((one) => one['x-request-id'] !== 'request-a')
    expect(fresh?.['traceparent']).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
    expect(fresh?.['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
  })
})
