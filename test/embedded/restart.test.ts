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
  type Setting,
} from './setting.ts'

let setting: Setting

beforeAll(async () => {
  setting = await createSetting()
})
afterAll(() => setting.close())

test('an alert survives a restart: it is not raised again, and it resolves', async () => {
  const lab = createFakeServices()
  let now = Date.now()
  const measure = (value: number, seconds: number) => {
    for (let second = 0; second < seconds; second++)
      lab.measure([{ service: 'cart', indicator: 'latency_p95', value }], (now += 1_000))
  }
  const token = await machineToken(setting, 'sre-assistant', 'sre-platform:read')
  const alertsOf = async (url: string, status: string) => {
    const { body } = await client(url, token)('GET', `/alerts?status=${status}`)
    return body['items'] as { id: string; resolved_at: string | null }[]
  }

  const first = await startControlPlane(setting, { lab })
  measure(900, 8)
  const [alert] = await until(async () => {
    const firing = await alertsOf(first.url, 'firing')
    return firing.length > 0 && firing
  })
  await first.stop()

  const second = await startControlPlane(setting, { lab })
  measure(900, 8)
  measure(100, 4)
  expect(await alertsOf(second.url, 'firing')).toMatchObject([{ id: alert?.id, resolved_at: null }])
  measure(100, 4)
  await until(async () => (await alertsOf(second.url, 'resolved')).length === 1)
  // stop first, so that everything has been published
  await second.stop()
  expect(await published(setting, 'DiagnosisRequested')).toHaveLength(1)
})

test('a deployment interrupted by a stop is finished after the restart', async () => {
  let interrupted: () => void = () => undefined
  const begun = new Promise<void>((resolve) => (interrupted = resolve))
  const hanging = createFakeServices({
    beforeDeploy: () => {
      interrupted()
      return Promise.reject(new Error('ended'))
    },
  })
  const first = await startControlPlane(setting, { lab: hanging })
  const token = await personToken(setting, 'root')
  const { body } = await client(first.url, token)('POST', '/deployments', {
    service_name: 'cart',
    image_tag: 'cart:1.5.0',
  })
  await begun
  await first.stop()
  // the state a killed process would leave
  await setting.pool.query(`UPDATE control_plane.deployments SET status = 'running' WHERE id = $1`, [body['id']])

  const lab = createFakeServices()
  const second = await startControlPlane(setting, { lab })
  const path = `/deployments/${String(body['id'])}`
  await until(async () => (await client(second.url, token)('GET', path)).body['status'] === 'success')
  expect(lab.deployed).toEqual(['cart cart:1.5.0'])
  await second.stop()
})
