/** The embedded control-plane as a separate process, with its shop. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { client, createSetting, machineToken, personToken, type Setting } from '../embedded/setting.ts'
import { until } from '../lab/until.ts'
import { runUnmeasured } from './run-sre.ts'
import { serve } from './serve.ts'

const dataDir = mkdtempSync(join(tmpdir(), 'sre-control-plane-'))
let setting: Setting
let environment: Record<string, string>
let part: Awaited<ReturnType<typeof serve>>
let url: string

beforeAll(async () => {
  setting = await createSetting()
  environment = {
    ...{ DATABASE_URL: setting.database.url, OIDC_ISSUER: setting.issuer.url, DATA_DIR: dataDir },
    ...{ CONTROL_PLANE_PORT: '0', CONTROL_PLANE_RESOURCE: 'urn:sre-platform:control-plane' },
  }
  part = await serve('control-plane', environment)
  url = /listening on (http:[^"]+)/.exec(part.said())?.[1] ?? ''
}, 180_000)
afterAll(async () => {
  await part?.stop()
  await setting?.close()
  rmSync(dataDir, { recursive: true })
})

test('it manages a shop, for agents and users of the configured issuer', async () => {
  const agent = client(url, await machineToken(setting, 'sre-assistant', 'sre-platform:read'))
  const resources = await agent('GET', '/resources')
  expect(resources.status).toBe(200)
  const names = (resources.body['items'] as { service_name: string }[]).map((one) => one.service_name)
  expect(names.sort()).toEqual(['cart', 'catalog', 'checkout', 'frontend', 'payment'])
  const root = client(url, await personToken(setting, 'root'))
  const deploy = { service_name: 'cart', image_tag: 'cart:1.5.0' }
  expect(await agent('POST', '/deployments', deploy)).toMatchObject({ status: 403 })
  const { body } = await root('POST', '/deployments', deploy)
  await until(async () => (await root('GET', `/deployments/${String(body['id'])}`)).body['status'] === 'success')
}, 180_000)

test('a taken port, a locked folder and missing settings are reported at once', async () => {
  const other = mkdtempSync(join(tmpdir(), 'sre-control-plane-'))
  const { port } = new URL(url)
  const taken = await runUnmeasured(['serve', 'control-plane'], {
    ...environment,
    DATA_DIR: other,
    CONTROL_PLANE_PORT: port,
  })
  expect(taken.code).toBe(1)
  expect(taken.err).toBe(`port ${port} is in use by another program. Choose another: CONTROL_PLANE_PORT=N (0 picks a free one)\n`) // prettier-ignore
  const beside = await runUnmeasured(['serve', 'control-plane'], environment)
  expect(beside).toMatchObject({ code: 1, err: expect.stringContaining(`a platform is already running in ${dataDir}`) })
  const bare = await runUnmeasured(['serve', 'control-plane'], { DATA_DIR: other })
  expect(bare).toMatchObject({
    code: 1,
    err: expect.stringMatching(/DATABASE_URL is required[^]*OIDC_ISSUER is required/),
  })
  rmSync(other, { recursive: true })
}, 180_000)

test('it exits with 0 when stopped', async () => {
  expect(await part.stop()).toBe(0)
})
