/** As a user without a control-plane: a webhook reports a release, and the diagnosis blames it. */
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { running } from '../cli/serve.ts'
import { runHere, startSre } from '../cli/run-sre.ts'
import { until } from '../runtime/counting.ts'
import { freePort } from '../servers/free-port.ts'
import { openMetrics, startPrometheus } from '../servers/prometheus.ts'
import { END, FAULT, requests } from '../tools/measured-service.ts'
import { deploymentStatus, signed } from './bodies.ts'

const SECRET = 'a-secret-that-only-this-test-knows'
const dataDir = mkdtempSync(join(tmpdir(), 'sre-connect-'))
let prometheus: Awaited<ReturnType<typeof startPrometheus>>
let environment: Record<string, string>
let stopPlatform: () => Promise<unknown> = async () => undefined

beforeAll(async () => {
  const named = { counter: 'http_requests_total', buckets: 'http_request_duration_seconds_bucket' }
  const cost = { good: { status: '200' }, failed: { status: '500' } }
  prometheus = await startPrometheus({
    openMetrics: openMetrics([
      ...requests({ ...named, ...cost, labels: { job: 'cart' } }),
      ...requests({ ...named, ...cost, labels: { job: 'ledger' }, faultAt: END + 1 }),
    ]),
  })
  environment = { DATA_DIR: dataDir, GATEWAY_PORT: '0', PROMETHEUS_URL: prometheus.url }
  const platform = startSre(['start'], environment)
  const ended = once(platform, 'exit')
  stopPlatform = () => {
    platform.kill('SIGTERM')
    return ended
  }
  let said = ''
  for (const stream of [platform.stdout, platform.stderr])
    stream.on('data', (text: Buffer) => (said += text.toString()))
  await until(150_000, 'the platform runs', async () => (/Running: gateway/.test(said) ? said : undefined))
  const people: { username: string; password: string }[] = JSON.parse(
    readFileSync(join(dataDir, 'people.json'), 'utf8'),
  )
  const alice = people.find(({ username }) => username === 'alice')
  await runHere(['login', '--username', 'alice', '--password-stdin'], environment, `${alice?.password}\n`)
}, 240_000)
afterAll(async () => {
  await stopPlatform()
  await prometheus?.stop()
  rmSync(dataDir, { recursive: true, force: true })
})

const diagnosed = async (...more: string[]) => {
  const asked = await runHere(
    ['diagnose', '--service', 'cart', '--since', '30m', '--watch', '--verbose', ...more],
    environment,
  )
  expect(asked, asked.err).toMatchObject({ code: 0 })
  return asked.out
}

test('without any recorded change, the diagnosis says that changes are unknown', async () => {
  expect(await diagnosed()).toContain('there is no control-plane: changes are unknown')
}, 120_000)

test('a release reported by GitHub is named as the cause, an older one of another service is not', async () => {
  const port = await freePort()
  const health = await freePort()
  const own = { CONNECT_PORT: String(port), HEALTH_PORT: String(health), CONNECT_GITHUB_SECRET: SECRET }
  const github = await running(['connect', 'github'], 'connect github', { ...environment, ...own })
  try {
    const deliver = async (given: Parameters<typeof deploymentStatus>[0]) => {
      const body = JSON.stringify(deploymentStatus(given))
      const headers = {
        'content-type': 'application/json',
        'x-github-event': 'deployment_status',
        'x-hub-signature-256': signed(body, SECRET),
      }
      return (await fetch(`http://127.0.0.1:${port}/webhooks/github`, { method: 'POST', headers, body })).status
    }
    const began = { state: 'in_progress', at: new Date((FAULT - 20) * 1000).toISOString() }
    expect(await deliver({ ...began, repository: 'octo-org/ledger', deployment: 1, at: new Date((FAULT - 900) * 1000).toISOString() })).toBe(202) // prettier-ignore
    expect(await deliver({ ...began, deployment: 2 })).toBe(202)
    // its end is reported after the fault: the change is as old as its beginning
    expect(await deliver({ ...began, deployment: 2, status: 3, state: 'success', at: new Date((FAULT + 200) * 1000).toISOString() })).toBe(202) // prettier-ignore
    const ready = await fetch(`http://127.0.0.1:${health}/readyz`)
    expect(await ready.json()).toEqual({ ready: true, checks: { bus: true, source: true } })
    const metrics = await (await fetch(`http://127.0.0.1:${health}/metrics`)).text()
    expect(metrics).toContain('sre_connect_changes_total{source="github",outcome="recorded"} 3')
    await expect.poll(() => diagnosed(), { timeout: 120_000 }).toMatch(/^incident [^]*Root causes:\n {2}1\. .*cart.*octo-org\/cart v1\.5\.0[^\n]*success/m) // prettier-ignore
    const named = await diagnosed('--deployment', '2')
    expect(named).toMatch(/ok changes deployment/)
    expect(named).not.toContain('no deployment 2 found')
  } finally {
    expect(await github.stop()).toBe(0)
  }
}, 300_000)

test('a webhook without its secret does not start, and a port that is taken is named', async () => {
  const lacking = await runHere(['connect', 'webhook'], environment)
  expect(lacking).toMatchObject({ code: 1, err: expect.stringContaining('CONNECT_WEBHOOK_TOKEN is required') })
  const taken = { CONNECT_WEBHOOK_TOKEN: SECRET, HEALTH_PORT: 'off', CONNECT_PORT: new URL(prometheus.url).port }
  const { code, err } = await runHere(['connect', 'webhook'], { ...environment, ...taken })
  expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining('cannot be opened (EADDRINUSE)') })
}, 120_000)

test('without a cluster, sre connect kubernetes says how to name one', async () => {
  const nowhere = await runHere(['connect', 'kubernetes'], { ...environment, HOME: dataDir })
  expect(nowhere).toMatchObject({ code: 1, err: expect.stringContaining('there is no kubeconfig') })
  expect(nowhere.err).toContain('KUBECONFIG')
}, 120_000)
