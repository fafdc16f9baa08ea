import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startLab, type Lab } from '../../lab/lab.ts'
import { badDeployment, harmlessDeployment } from '../../lab/scenario.ts'
import { until } from '../lab/until.ts'
import {
  client,
  createSetting,
  machineToken,
  personToken,
  published,
  startControlPlane,
  type Setting,
} from './setting.ts'

let setting: Setting
let lab: Lab
let controlPlane: Awaited<ReturnType<typeof startControlPlane>>
let reader: ReturnType<typeof client>
const { service, imageTag, good } = badDeployment
const began = Date.now()

beforeAll(async () => {
  setting = await createSetting()
  lab = await startLab({ dataDir: join(setting.dataDir, 'lab') })
  controlPlane = await startControlPlane(setting, { lab, judgeAfterMs: 20_000 })
  reader = client(controlPlane.url, await machineToken(setting, 'sre-assistant', 'sre-platform:read'))
})

afterAll(async () => {
  await controlPlane.stop()
  await lab.close()
  await setting.close()
})

const items = async (path: string) => (await reader('GET', path)).body['items'] as Record<string, unknown>[]
const settled = async () => (await reader('GET', '/deployments')).body['items'] as { status: string }[]

/** Waits for this many further rounds of measurements. */
async function rounds(count: number): Promise<void> {
  let seen = 0
  const leave = lab.onSamples(() => (seen += 1))
  await until(() => seen >= count, 60_000)
  leave()
}

/** Command line and environment as the system shows them. */
const commandOf = (pid: number): string =>
  process.platform === 'linux'
    ? ['cmdline', 'environ'].map((name) => readFileSync(`/proc/${pid}/${name}`, 'utf8')).join('\n')
    : ''

/** Everything a diagnosis could read. */
async function readable(): Promise<string> {
  const range = `start_time=${new Date(began).toISOString()}&end_time=${new Date().toISOString()}`
  const paths = [`/audit-logs?${range}`, '/deployments', '/alerts', '/incidents', '/resources']
  const answers = await Promise.all(paths.map((path) => items(path)))
  const metrics = lab.services().map(({ address }) => fetch(`${address}/metrics`).then((answer) => answer.text()))
  const processes = lab.services().map(({ pid }) => commandOf(pid))
  const files = globSync(`${lab.recordingDir}/**/*`).map((file) => `${file}\n${readFileSync(file, 'utf8')}`)
  const events = [await published(setting, 'ChangeRecorded'), await published(setting, 'DiagnosisRequested')]
  return [
    JSON.stringify(answers),
    JSON.stringify(events),
    ...(await Promise.all(metrics)),
    ...processes,
    ...files,
  ].join('\n')
}

test('a harmless deployment raises no alert', async () => {
  const root = client(controlPlane.url, await personToken(setting, 'root'))
  await rounds(8)
  const body = { service_name: harmlessDeployment.service, image_tag: harmlessDeployment.imageTag }
  expect(await root('POST', '/deployments', body)).toMatchObject({ status: 202 })
  await until(async () => (await settled()).every(({ status }) => status === 'success'))
  const judged = `SELECT FROM control_plane.deployments WHERE baseline IS NULL`
  await until(async () => (await setting.pool.query(judged)).rowCount === 1)
  expect(await items('/incidents')).toEqual([])
  expect(await published(setting, 'DiagnosisRequested')).toEqual([])
}, 180_000)

test('a bad deployment raises an alert and a diagnosis request, a rollback resolves it, and nothing reveals the fault', async () => {
  const root = client(controlPlane.url, await personToken(setting, 'root'))
  expect(await root('POST', '/deployments', { service_name: service, image_tag: imageTag })).toMatchObject({
    status: 202,
  })
  await until(
    async () => (await items('/alerts?status=firing')).some((alert) => alert['service_name'] === service),
    120_000,
  )
  const [request] = await until(async () => {
    const all = await published(setting, 'DiagnosisRequested')
    return all.length > 0 && all
  })
  expect(request).toMatchObject({ kind: 'alert' })
  await until(async () => (await settled()).every(({ status }) => status === 'success'))

  const writer = client(
    controlPlane.url,
    await machineToken(setting, 'sre-executor', 'sre-platform:read sre-platform:write'),
  )
  const body = {
    script_id: 'rollback',
    parameters: { image_tag: good, expected_image_tag: imageTag },
    target_resources: [service],
  }
  const { body: execution } = await writer('POST', '/automation/execute', body, { 'idempotency-key': 'lab' })
  await until(async () => {
    const path = `/automation/executions/${String(execution['execution_id'])}`
    return (await writer('GET', path)).body['status'] === 'success'
  })
  expect(lab.services().find(({ name }) => name === service)?.imageTag).toBe(good)
  await until(async () => (await items('/alerts?status=firing')).length === 0, 120_000)
  expect(await items('/incidents')).toMatchObject([{ status: 'resolved' }])
  expect(await published(setting, 'DiagnosisRequested')).toHaveLength(1)
  expect(await published(setting, 'ChangeRecorded')).toHaveLength(3)

  const text = await readable()
  expect(text).toContain(imageTag)
  expect(text).toContain('no price for')
  expect(
    text.match(
      /.{0,40}\b(bad|good|fault\w*|harmless|inject\w*|chaos|broken|scenario|simulat\w*|experiment\w*)\b.{0,40}/gi,
    ),
  ).toBeNull()
}, 480_000)
