/** Alerts from a real Alertmanager with the file that Compose gives it, instead of the control-plane's own rules. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { until } from '../lab/until.ts'
import { startAlertmanager } from '../servers/alertmanager.ts'
import { client, createFakeServices, createSetting, personToken, published, startControlPlane, type Setting } from './setting.ts' // prettier-ignore

const LIMIT_MS = 180_000
const alertsToken = 'the token of alerts'
const folder = mkdtempSync(join(tmpdir(), 'sre-alerts-'))
const lab = createFakeServices()
let setting: Setting
let controlPlane: Awaited<ReturnType<typeof startControlPlane>>
let root: ReturnType<typeof client>
let alertmanager: Awaited<ReturnType<typeof startAlertmanager>>

beforeAll(async () => {
  setting = await createSetting()
  controlPlane = await startControlPlane(setting, { lab, alertsToken })
  root = client(controlPlane.url, await personToken(setting, 'root'))
  const file = join(folder, 'token')
  writeFileSync(file, alertsToken)
  const config = readFileSync(join(import.meta.dirname, '../../deploy/alertmanager/control-plane.yml'), 'utf8')
  alertmanager = await startAlertmanager(
    config
      .replace('http://control-plane:8081', controlPlane.url)
      .replace('/tmp/alerts-token', file)
      .replace('group_wait: 5s', 'group_wait: 0s')
      .replace('group_interval: 30s', 'group_interval: 1s'),
  )
}, 300_000)
afterAll(async () => {
  await alertmanager?.stop()
  await controlPlane?.stop()
  await setting?.close()
  rmSync(folder, { recursive: true })
}, 60_000)

const alerts = z.object({ items: z.array(z.looseObject({ name: z.string(), service_name: z.string(), status: z.string(), severity: z.string(), summary: z.string() })) }) // prettier-ignore
const listed = async (path: string) => alerts.parse((await root('GET', path)).body).items
const labels = { alertname: 'HighErrorRatio', service: 'cart', severity: 'critical' }
const startsAt = new Date(Date.now() - 60_000).toISOString()
async function fire(alert: object) {
  const told = await fetch(`${alertmanager.url}/api/v2/alerts`, {
    ...{ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify([alert]) },
  })
  expect(told.status).toBe(200)
}

test('an alert opens one incident and requests one diagnosis, and its end resolves the incident', async () => {
  const annotations = { summary: 'cart fails 40 % of its requests' }
  await fire({ labels, annotations, startsAt })
  await until(async () => (await listed('/alerts?status=firing')).length === 1, LIMIT_MS)
  // of a connected service: joins the incident
  await fire({ labels: { ...labels, service: 'frontend', severity: 'warning' }, annotations: {}, startsAt })
  await until(async () => (await listed('/alerts?status=firing')).length === 2, LIMIT_MS)
  expect(await listed('/alerts?service_name=cart')).toMatchObject([
    { name: 'HighErrorRatio', severity: 'P1', summary: 'cart fails 40 % of its requests' },
  ])
  expect(await listed('/alerts?service_name=frontend')).toMatchObject([{ severity: 'P2', summary: 'HighErrorRatio of frontend' }]) // prettier-ignore
  const requested = await until(async () => {
    const found = await published(setting, 'DiagnosisRequested')
    return found.length > 0 && found
  }, LIMIT_MS)
  expect(requested).toMatchObject([{ kind: 'alert', service: 'cart', severity: 'P1', context: labels }])

  const endsAt = new Date().toISOString()
  for (const service of ['cart', 'frontend'])
    await fire({ labels: { ...labels, service, ...(service === 'cart' ? {} : { severity: 'warning' }) }, annotations, startsAt, endsAt }) // prettier-ignore
  await until(async () => (await listed('/alerts?status=firing')).length === 0, LIMIT_MS)
  expect((await root('GET', '/incidents')).body['items']).toMatchObject([{ service_name: 'cart', status: 'resolved' }])
  expect(await published(setting, 'DiagnosisRequested')).toHaveLength(1)
}, 600_000)

test('notifications need the token and a valid body, and alerts about unknown services are ignored', async () => {
  const post = async (body: unknown, token: string) => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
    const url = `${controlPlane.url}/webhooks/alertmanager`
    const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
  }
  const one = { status: 'firing', labels: { alertname: 'Down', service: 'cart' }, startsAt }
  expect(await post({ version: '4', alerts: [one] }, 'another')).toMatchObject({ status: 401 })
  expect(await post({ version: '4', alerts: [{ ...one, startsAt: 'now' }] }, alertsToken)).toMatchObject({ status: 422, body: { message: expect.stringContaining('alerts[0].startsAt') } }) // prettier-ignore
  const foreign = [{ ...one, labels: { alertname: 'Down', service: 'orders' } }, { ...one, labels: { alertname: 'Watchdog' } }] // prettier-ignore
  expect(await post({ version: '4', alerts: foreign }, alertsToken)).toMatchObject({ status: 202, body: { taken: 0, ignored: 2 } }) // prettier-ignore
  expect(await listed('/alerts?status=firing')).toEqual([])
  lab.measure([{ service: 'cart', indicator: 'error_ratio', value: 1 }], Date.now() - 60_000)
  lab.measure([{ service: 'cart', indicator: 'error_ratio', value: 1 }], Date.now())
  expect(await listed('/alerts?status=pending')).toEqual([])
})
