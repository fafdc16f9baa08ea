/** The shop as a process of its own: real servers observe it through its port, and a control-plane in another process manages it. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { services } from '../deploy/compose.ts'
import { client, createSetting, personToken, type Setting } from '../embedded/setting.ts'
import { until } from '../lab/until.ts'
import { freePort } from '../servers/free-port.ts'
import { startPrivateLoki } from '../servers/loki.ts'
import { startPrometheus } from '../servers/prometheus.ts'
import { runUnmeasured } from './run-sre.ts'
import { serve } from './serve.ts'

const LIMIT_MS = 300_000
const folder = mkdtempSync(join(tmpdir(), 'sre-lab-'))
let environment: Record<string, string>
let token: string
let logs: Awaited<ReturnType<typeof startPrivateLoki>>
let lab: Awaited<ReturnType<typeof serve>>
let url: string

beforeAll(async () => {
  logs = await startPrivateLoki({ tenants: false })
  const ports = { LAB_PORT: String(await freePort()), HEALTH_PORT: String(await freePort()) }
  const given = services()['lab']?.environment ?? {}
  const here = { LAB_HOST: '127.0.0.1', HEALTH_HOST: '127.0.0.1', DATA_DIR: join(folder, 'lab') }
  environment = { ...given, ...ports, ...here, OTEL_EXPORTER_OTLP_ENDPOINT: `${logs.url}/otlp` }
  token = given['LAB_TOKEN'] ?? ''
  url = `http://127.0.0.1:${ports.LAB_PORT}`
  lab = await serve('lab', environment)
}, 600_000)
afterAll(async () => {
  await lab?.stop()
  await logs?.stop()
  rmSync(folder, { recursive: true })
}, 120_000)

const shop = z.object({ services: z.array(z.looseObject({ name: z.string(), imageTag: z.string() })) })
const running = async (service: string) =>
  shop.parse(await (await fetch(`${url}/services`)).json()).services.find(({ name }) => name === service)
async function change(method: string, path: string, body: unknown, bearer: string = token) {
  const headers = { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' }
  const answer = await fetch(`${url}${path}`, { method, headers, body: JSON.stringify(body) })
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
}
const isReady = async (port: string | undefined) => (await fetch(`http://127.0.0.1:${port}/readyz`)).status === 200

test('it is ready, and changes need the token and an existing service, release and script', async () => {
  expect(await isReady(environment['HEALTH_PORT'])).toBe(true)
  const good = { image_tag: 'catalog:2.8.1' }
  for (const path of ['/services/catalog', '/services/catalog/hang', '/sale', '/scripts/clear_carts']) {
    const method = path === '/services/catalog' ? 'PUT' : 'POST'
    expect(await change(method, path, good, 'another')).toMatchObject({ status: 401 })
  }
  expect(await change('PUT', '/services/catalog', { tag: 'catalog:2.8.1' })).toMatchObject({ status: 400 })
  expect(await change('PUT', '/services/orders', good)).toMatchObject({ status: 404, body: { error: 'no service orders' } }) // prettier-ignore
  expect(await change('PUT', '/services/catalog', { image_tag: 'catalog:9' })).toMatchObject({ status: 404, body: { code: 'unknown_release' } }) // prettier-ignore
  expect(await change('PUT', '/services/catalog', { replicas: 99 })).toMatchObject({ status: 400, body: { code: 'not_scalable' } }) // prettier-ignore
  expect(await change('POST', '/scripts/none', {})).toMatchObject({ status: 404, body: { code: 'no_script' } })
  expect((await fetch(`${url}/metrics/orders-0`)).status).toBe(404)
})

test('a real Prometheus scrapes each replica through its port, and sees a bad release and that it was rolled back', async () => {
  const prometheus = await startPrometheus({
    config: `global: { scrape_interval: 1s }
scrape_configs:
  - job_name: shop
    http_sd_configs: [{ url: '${url}/targets', refresh_interval: 1s }]`,
  })
  const vector = z.object({ data: z.object({ result: z.array(z.object({ metric: z.record(z.string(), z.string()) })) }) }) // prettier-ignore
  const ask = async (query: string) => {
    const response = await fetch(`${prometheus.url}/api/v1/query?${new URLSearchParams({ query })}`)
    return vector.parse(await response.json()).data.result.map(({ metric }) => metric)
  }
  expect(await change('PUT', '/services/catalog', { replicas: 2 })).toMatchObject({ status: 200 })
  const all = await until(async () => {
    const found = await ask('count by (service, namespace, instance) (http_requests_total)')
    return found.length === 6 && found
  }, LIMIT_MS)
  for (const instance of ['catalog-0', 'catalog-1']) expect(all).toContainEqual({ service: 'catalog', namespace: 'shop', instance }) // prettier-ignore
  expect(await change('PUT', '/services/cart', { image_tag: 'cart:1.5.0' })).toMatchObject({ status: 200 })
  expect(await running('cart')).toMatchObject({ imageTag: 'cart:1.5.0' })
  const failing = 'rate(http_requests_total{service="cart",status_code=~"5.."}[30s]) > 0'
  await until(async () => (await ask(failing)).length > 0, LIMIT_MS)
  expect(await change('POST', '/services/cart/rollback', {})).toMatchObject({ status: 200 })
  expect(await running('cart')).toMatchObject({ imageTag: 'cart:1.4.2' })
  await until(async () => (await ask(failing)).length === 0, LIMIT_MS)
  await prometheus.stop()
}, 900_000)

test('its log lines reach a real Loki, and lost spans are logged', async () => {
  const streams = z.object({ data: z.object({ result: z.array(z.object({ stream: z.record(z.string(), z.string()) })) }) }) // prettier-ignore
  const [line] = await until(async () => {
    const query = new URLSearchParams({ query: '{service_name="checkout"}', since: '1h' })
    const found = await (await fetch(`${logs.url}/loki/api/v1/query_range?${query}`)).json()
    const { result } = streams.parse(found).data
    return result.length > 0 && result
  }, LIMIT_MS)
  expect(line?.stream).toMatchObject({ k8s_namespace_name: 'shop', severity_text: 'info' })
  await until(() => lab.said().includes('spans of the shop were lost'), LIMIT_MS)
  expect(lab.said()).toContain('the OTLP receiver answered 404')
  expect(lab.said()).not.toContain('log lines of the shop were lost')
}, 600_000)

test('a control-plane in another process deploys to it and measures it, and is not ready while it is down', async () => {
  const setting: Setting = await createSetting()
  const health = String(await freePort())
  const own = {
    ...{ DATABASE_URL: setting.database.url, OIDC_ISSUER: setting.issuer.url, DATA_DIR: join(folder, 'control-plane') },
    ...{ CONTROL_PLANE_PORT: '0', CONTROL_PLANE_RESOURCE: 'urn:sre-platform:control-plane', LAB_URL: url },
  }
  const refused = await runUnmeasured(['serve', 'control-plane'], own)
  expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('LAB_TOKEN: required with LAB_URL') })
  const nobody = await runUnmeasured(['serve', 'control-plane'], {
    ...own,
    LAB_TOKEN: token,
    LAB_URL: 'http://127.0.0.1:1',
  })
  expect(nobody).toMatchObject({ code: 1, err: expect.stringContaining('The lab (LAB_URL) cannot be used: the lab at http://127.0.0.1:1 cannot be reached') }) // prettier-ignore

  const part = await serve('control-plane', { ...own, LAB_TOKEN: token, HEALTH_PORT: health })
  const root = client(/listening on (http:[^"]+)/.exec(part.said())?.[1] ?? '', await personToken(setting, 'root'))
  const { body } = await root('POST', '/deployments', { service_name: 'cart', image_tag: 'cart:1.5.0' })
  await until(async () => (await root('GET', `/deployments/${String(body['id'])}`)).body['status'] === 'success', LIMIT_MS) // prettier-ignore
  expect(await running('cart')).toMatchObject({ imageTag: 'cart:1.5.0' })
  const alerts = z.object({ items: z.array(z.unknown()) })
  await until(async () => alerts.parse((await root('GET', '/alerts?service_name=cart&status=firing')).body).items.length > 0, LIMIT_MS) // prettier-ignore

  expect(await isReady(health)).toBe(true)
  expect(await lab.stop()).toBe(0)
  await until(async () => !(await isReady(health)), LIMIT_MS)
  lab = await serve('lab', environment)
  await until(() => isReady(health), LIMIT_MS)
  expect(await running('cart')).toMatchObject({ imageTag: 'cart:1.5.0' })
  expect(await part.stop()).toBe(0)
  await setting.close()
}, 900_000)

test('a taken port and a locked folder are reported at once; without a token nothing can be changed', async () => {
  const taken = await runUnmeasured(['serve', 'lab'], {
    ...environment,
    DATA_DIR: join(folder, 'other'),
    HEALTH_PORT: 'off',
  })
  expect(taken.err).toContain(`port ${new URL(url).port} is in use by another program. Choose another: LAB_PORT=N`)
  const beside = await runUnmeasured(['serve', 'lab'], environment)
  expect(beside).toMatchObject({ code: 1, err: expect.stringContaining('a platform is already running in') })
  expect(await lab.stop()).toBe(0)
  const { LAB_TOKEN: _, ...without } = environment
  lab = await serve('lab', without)
  const refused = await change('PUT', '/services/cart', { image_tag: 'cart:1.4.2' })
  expect(refused).toEqual({ status: 403, body: { error: 'no changes here: LAB_TOKEN is not set' } })
  expect(await running('cart')).toMatchObject({ imageTag: 'cart:1.5.0' })
}, 600_000)
