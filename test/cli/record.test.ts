/** Records from real servers, and analyses the recording. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readRecording } from '../../recording/read.ts'
import { noteSources } from '../../cli/start/noted-sources.ts'
import { client, createFakeServices, createSetting, personToken, type Setting, startControlPlane } from '../embedded/setting.ts' // prettier-ignore
import { until } from '../lab/until.ts'
import { loki as sharedLoki } from '../servers/loki.ts'
import { openMetrics, startPrometheus } from '../servers/prometheus.ts'
import { END, FAULT, requests } from '../tools/measured-service.ts'
import { runHere } from './run-sre.ts'

const PASSWORD = 'hunter2-hunter2'
const made = mkdtempSync(join(tmpdir(), 'sre-record-'))
let prometheus: Awaited<ReturnType<typeof startPrometheus>>
let setting: Setting
let controlPlane: Awaited<ReturnType<typeof startControlPlane>>
let environment: Record<string, string>

beforeAll(async () => {
  const shape = { counter: 'http_requests_total', buckets: 'http_request_duration_seconds_bucket' }
  const codes = { good: { status: '200' }, failed: { status: '500' } }
  prometheus = await startPrometheus({
    openMetrics: openMetrics([
      ...requests({ ...shape, ...codes, labels: { job: 'cart' } }),
      ...requests({ ...shape, ...codes, labels: { job: 'frontend' }, faultAt: END }),
    ]),
  })
  const loki = await sharedLoki()
  const lines = Array.from({ length: 40 }, (_, at) => ({ ms: (FAULT + at) * 1000, line: `level=error msg="no answer" password=${PASSWORD}` })) // prettier-ignore
  await loki.push([{ labels: { service_name: 'cart' }, lines }])
  setting = await createSetting()
  controlPlane = await startControlPlane(setting, { lab: createFakeServices() })
  const ask = client(controlPlane.url, await personToken(setting, 'root'))
  const { body } = await ask('POST', '/deployments', { service_name: 'cart', image_tag: 'cart:1.5.0' })
  await until(async () => (await ask('GET', `/deployments/${String(body['id'])}`)).body['status'] === 'success')
  environment = {
    ...{ PROMETHEUS_URL: prometheus.url, LOKI_URL: loki.url, LOKI_TENANT: loki.tenant },
    ...{ CONTROL_PLANE_URL: controlPlane.url, OIDC_ISSUER: setting.issuer.url },
    CONTROL_PLANE_RESOURCE: 'urn:sre-platform:control-plane',
    ASSISTANT_CLIENT_SECRET: setting.issuer.clients['sre-assistant'] ?? '',
  }
}, 300_000)
afterAll(async () => {
  await prometheus?.stop()
  await controlPlane?.stop()
  await setting?.close()
  rmSync(made, { recursive: true })
})

const both = ['record', '--service', 'cart', '--service', 'frontend', '--since', '20m']

test('records services from the sources, without secrets, and can be analysed', async () => {
  const dir = join(made, 'cart-1')
  const { code, out, err } = await runHere([...both, dir], environment)
  expect({ code }, err).toEqual({ code: 0 })
  expect(err).toMatch(/prometheus golden-signals \(cart\): \d+ series of cart/)
  expect(err).toMatch(/loki logs \(cart\): 40 lines of cart/)
  expect(err).toContain('not recorded: loki logs of frontend: ')
  expect(out).toMatch(new RegExp(`^${dir}: \\d+ series with \\d+ samples, 40 log lines, 0 spans, 1 change; 40 secrets redacted\\n`)) // prettier-ignore
  expect(out).toContain(`Next: npx sre analyze rca ${dir}`)
  const files = readdirSync(dir).map((name) => readFileSync(join(dir, name), 'utf8'))
  expect(files.filter((text) => text.includes(PASSWORD))).toEqual([])
  expect(statSync(dir).mode & 0o077).toBe(0)
  const { incident, observations, warnings } = await readRecording(dir, { strict: true })
  expect(warnings).toEqual([])
  expect(incident).toMatchObject({ id: 'cart-1', request: { kind: 'question', service_name: 'cart' } })
  expect(incident['missing']).toEqual(expect.arrayContaining([expect.stringContaining('loki logs of frontend')]))
  expect(new Set(observations.series.map(({ service }) => service))).toEqual(new Set(['cart', 'frontend']))
  expect(observations.edges).toEqual([{ from: 'frontend', to: 'cart' }])
  expect(observations.changes).toMatchObject([{ service: 'cart', type: 'DEPLOYMENT' }])
  const answered = await runHere(['analyze', 'rca', '--json', dir])
  expect(answered.code, answered.err).toBe(0)
  const verdict = JSON.parse(answered.out)
  expect(verdict).toMatchObject({ id: 'cart-1', verdict: 'incident' })
  expect(verdict.root_causes[0]).toMatchObject({ rank: 1, service: 'cart' })
}, 180_000)

test('refuses a non-empty folder before any query', async () => {
  const dir = join(made, 'full')
  mkdirSync(dir)
  writeFileSync(join(dir, 'notes.txt'), 'mine')
  for (const taken of [dir, join(dir, 'notes.txt')]) {
    const { code, out, err } = await runHere([...both, taken], environment)
    expect({ code, out, err }).toEqual({ code: 1, out: '', err: `${taken} is not empty: choose another folder\n` }) // prettier-ignore
  }
  expect(readdirSync(dir)).toEqual(['notes.txt'])
})

test('creates nothing if no source has data, and reports why for each', async () => {
  const dir = join(made, 'nothing')
  const { code, out, err } = await runHere(['record', '--service', 'unheard', dir, '--language', 'zh-TW'], {
    PROMETHEUS_URL: 'http://127.0.0.1:1',
  })
  expect({ code, out }).toEqual({ code: 1, out: '' })
  expect(err).toContain('沒有錄到任何資料：沒有來源提供 unheard 的資料')
  expect(err).toMatch(/- prometheus golden-signals（unheard）：無法連線到 .*ECONNREFUSED/)
  expect(err).toContain('沒有控制平面，無從得知變更')
  expect(existsSync(dir)).toBe(false)
  const nowhere = await runHere(['record', '--service', 'cart', dir])
  expect(nowhere).toMatchObject({ code: 1, err: expect.stringContaining('set at least one source: PROMETHEUS_URL') })
})

test('records the services around the one named, and blames as the live diagnosis does; --only leaves them out', async () => {
  const [all, alone] = [join(made, 'around'), join(made, 'alone')]
  const asked = ['record', '--service', 'frontend', '--since', '20m']
  const { code, err } = await runHere([...asked, all], environment)
  expect({ code }, err).toEqual({ code: 0 })
  expect(err).toMatch(
    /^recording frontend and \d+ services? that may be involved: (?:.*, )?cart\b.*\(--only leaves them out\)$/m,
  )
  const { incident, observations } = await readRecording(all, { strict: true })
  expect(incident.request).toMatchObject({ service_name: 'frontend', services: ['frontend'] })
  expect(new Set(observations.series.map(({ service }) => service))).toEqual(new Set(['cart', 'frontend']))
  const verdict = JSON.parse((await runHere(['analyze', 'rca', '--json', all])).out)
  expect(verdict.root_causes[0]).toMatchObject({ service: 'cart' })
  const only = await runHere([...asked, '--only', alone], environment)
  expect(only.err).not.toContain('may be involved')
  expect(new Set((await readRecording(alone)).observations.series.map(({ service }) => service))).toEqual(new Set(['frontend'])) // prettier-ignore
}, 180_000)

test('an unknown service is reported with similar names, and nothing is recorded of the others', async () => {
  const dir = join(made, 'typo')
  const { code, out, err } = await runHere(['record', '--service', 'crat', dir], environment)
  expect({ code, out }).toEqual({ code: 4, out: '' })
  expect(err).toContain('unknown service crat; did you mean cart? Nothing was recorded.')
  expect(existsSync(dir)).toBe(false)
})

test('reads the sources of the platform started in the data folder, which notes them without secrets', async () => {
  const dataDir = join(made, 'platform')
  const { PROMETHEUS_URL: url = '', LOKI_URL: logs = '', LOKI_TENANT: tenant = '' } = environment
  const beside = (dir: string, set: Record<string, string> = {}) =>
    runHere(['record', '--service', 'cart', '--since', '10m', join(made, dir)], { DATA_DIR: dataDir, ...set })
  noteSources(dataDir, { PROMETHEUS_URL: url, LOKI_URL: logs, LOKI_TENANT: tenant })
  const found = await beside('beside-1')
  expect({ code: found.code }, found.err).toEqual({ code: 0 })
  expect(found.err).toContain(`sources of the platform in ${dataDir}: ${url}, ${logs}\n`)
  expect(found.out).toContain(' 40 log lines,')
  const own = await beside('beside-2', { PROMETHEUS_URL: url })
  expect(own.err).not.toContain('sources of the platform')
  expect(own.out).toContain(' 0 log lines,')
  noteSources(dataDir, { PROMETHEUS_URL: url, PROMETHEUS_TOKEN: PASSWORD, LOKI_URL: logs.replace('//', `//me:${PASSWORD}@`) }) // prettier-ignore
  expect(readFileSync(join(dataDir, 'sources.json'), 'utf8')).not.toContain(PASSWORD)
  expect(statSync(join(dataDir, 'sources.json')).mode & 0o077).toBe(0)
  const secret = await beside('beside-3')
  expect(secret).toMatchObject({ code: 1, err: expect.stringContaining(`uses PROMETHEUS_TOKEN, LOKI_URL, and secrets are not stored: set them here too`) }) // prettier-ignore
  noteSources(dataDir, {})
  expect((await beside('beside-4')).err).toContain('only its own shop')
}, 180_000)

test('prints one document with --json, also for metrics only', async () => {
  const dir = join(made, 'metrics-alone')
  const { code, out } = await runHere(['record', '--service', 'cart', '--since', '10m', '--json', dir], {
    PROMETHEUS_URL: prometheus.url,
  })
  expect(code).toBe(0)
  const told = JSON.parse(out)
  expect(told).toMatchObject({ dir, services: ['cart', 'frontend'], log_lines: 0, redactions: 0 })
  expect(told.samples).toBeGreaterThan(100)
  expect(told.missing).toContain('loki logs of cart: no logs: LOKI_URL is not configured')
  expect(readdirSync(dir).sort()).not.toContain('changes.json')
})
