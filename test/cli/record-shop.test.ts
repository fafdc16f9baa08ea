/** Records beside a platform with its own shop: nothing needs to be set, and no service needs to be named. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { recording as texts } from '../../cli/record/texts.ts'
import { noteSources } from '../../cli/start/noted-sources.ts'
import { type DataDirLock, lockDataDir } from '../../embedded/data-dir-lock.ts'
import { noteDoor } from '../../embedded/lab-door.ts'
import { readRecording } from '../../recording/read.ts'
import { createRecording } from '../../recording/write.ts'
import { client, createFakeServices, createSetting, personToken, type Setting, startControlPlane } from '../embedded/setting.ts' // prettier-ignore
import { until } from '../lab/until.ts'
import { runHere } from './run-sre.ts'

const made = mkdtempSync(join(tmpdir(), 'sre-record-shop-'))
let setting: Setting
let lock: DataDirLock
let controlPlane: Awaited<ReturnType<typeof startControlPlane>>

beforeAll(async () => {
  setting = await createSetting()
  controlPlane = await startControlPlane(setting, { lab: createFakeServices() })
  const { dataDir } = setting
  lock = lockDataDir(dataDir)
  noteSources(dataDir, {})
  noteDoor(dataDir, { url: 'http://127.0.0.1:1', token: 'unused', controlPlane: controlPlane.url })
  const ask = client(controlPlane.url, await personToken(setting, 'root'))
  const { body } = await ask('POST', '/deployments', { service_name: 'cart', image_tag: 'cart:1.5.0' })
  await until(async () => (await ask('GET', `/deployments/${String(body['id'])}`)).body['status'] === 'success')
  const [start, end] = [Date.now() - 600_000, Date.now()]
  const window = { start: new Date(start).toISOString(), end: new Date(end).toISOString() }
  const writer = await createRecording(join(dataDir, 'lab/recording'), { id: 'shop', window, rate_window_s: 10 })
  for (const service of ['frontend', 'cart'])
    await writer.samples(Array.from({ length: 60 }, (_, at) => ({ time: start + at * 10_000, service, indicator: 'error_ratio', unit: 'ratio', value: 0 }))) // prettier-ignore
  await writer.logs([{ timestamp: start + 1_000, service: 'cart', message: 'listening' }])
  await writer.close()
}, 180_000)
afterAll(async () => {
  lock.release()
  await controlPlane.stop()
  await setting.close()
  rmSync(made, { recursive: true })
})

test('records every service of the shop, its changes and its calls', async () => {
  const dir = join(made, 'window')
  const { code, out, err } = await runHere(['record', '--since', '15m', dir], { DATA_DIR: setting.dataDir })
  expect({ code }, err).toEqual({ code: 0 })
  expect(err).toContain(`the shop of the platform in ${setting.dataDir}\n`)
  expect(err).toMatch(/^recording 2 services: (cart, frontend|frontend, cart)$/m)
  expect(err).toContain('not recorded: recording logs of frontend: no lines of frontend in this time range')
  expect(out).toContain('2 series with 120 samples, 1 log line, 0 spans, 1 change')
  const { incident, observations } = await readRecording(dir, { strict: true })
  expect(incident.rate_window_s).toBe(10)
  expect(incident.request).toEqual({ kind: 'question', services: expect.arrayContaining(['cart', 'frontend']) })
  expect(observations.edges).toEqual([{ from: 'frontend', to: 'cart' }])
  expect(observations.changes).toMatchObject([{ service: 'cart', type: 'DEPLOYMENT' }])
  const answered = await runHere(['analyze', 'rca', '--json', dir])
  expect(answered.code, answered.err).toBe(0)
}, 180_000)

test('says how many services are left out if there are too many', () => {
  expect(texts.chosen([], ['a', 'b'], []).en).toBe('recording 2 services: a, b')
  expect(texts.chosen([], ['a', 'b'], ['c']).en).toContain('; 1 service left out (--service')
})

test('says in Chinese what was not recorded', async () => {
  const dir = join(made, 'chinese')
  const asked = ['record', '--service', 'frontend', '--only', '--since', '15m', dir, '--language', 'zh-TW']
  const { code, err } = await runHere(asked, { DATA_DIR: setting.dataDir })
  expect({ code }, err).toEqual({ code: 0 })
  expect(err).toContain('未錄到：recording logs（frontend）：此時段沒有 frontend 的日誌')
}, 180_000)

test('needs to know which services --only is about, and a shop that runs', async () => {
  const only = await runHere(['record', '--only', join(made, 'only')], { DATA_DIR: setting.dataDir })
  expect(only).toMatchObject({ code: 1, err: '--only needs --service: which services?\n' })
  lock.release()
  const stopped = await runHere(['record', join(made, 'stopped')], { DATA_DIR: setting.dataDir })
  expect(stopped).toMatchObject({ code: 1, err: expect.stringContaining('does not run: npm start') })
}, 180_000)
