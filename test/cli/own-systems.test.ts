/** `sre start` with the user's own systems. */
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ownSystems, readOwnConfig } from '../../cli/start/own-systems.ts'
import { openMetrics, startPrometheus } from '../servers/prometheus.ts'
import { requests } from '../tools/measured-service.ts'
import { runHere, runSre, startNpm, startNpx, startSre } from './run-sre.ts'

let dataDir: string
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'sre-own-'))
})
afterEach(() => rmSync(dataDir, { recursive: true, force: true }))

test('variables of embedded components are refused in one message, before anything starts', async () => {
  const theirs = {
    ...{ CONTROL_PLANE_URL: 'http://cp', OIDC_ISSUER: 'http://issuer', DECISION_KEYS: 'a=http://b' },
    ...{ KAFKA_BROKERS: 'a:9092', SCHEMA_REGISTRY_URL: 'http://registry', EXECUTOR_CLIENT_SECRET_FILE: '/dev/null' },
    ...{ APPROVER_ROLES: 'lead', SRE_GATEWAY_URL: 'http://mine', TRACES_URL: 'http://t', APPROVAL_TTL_S: 'soon' },
  }
  const { code, out, err } = await runSre(['start', '--port', '0'], { DATA_DIR: dataDir, ...theirs })
  expect({ code, out }).toEqual({ code: 1, out: '' })
  const names =
    'KAFKA_BROKERS, SCHEMA_REGISTRY_URL, OIDC_ISSUER, CONTROL_PLANE_URL, EXECUTOR_CLIENT_SECRET, DECISION_KEYS'
  expect(err).toContain(`${names}: sre start brings its own`)
  expect(err).toContain('TRACES_KIND: required together with TRACES_URL')
  expect(err).toContain('APPROVAL_TTL_S: ')
  expect(err).not.toMatch(/APPROVER_ROLES|SRE_GATEWAY_URL/)
  expect(err).toContain('sre serve')
})

test('settings are read as by sre serve, and VERIFY_AFTER_S only if it is set', () => {
  const environment = { APPROVER_ROLES: 'lead', APPROVAL_TTL_S: '60', DIAGNOSES_AT_ONCE: '3', GATEWAY_READS_PER_MINUTE: '7' } // prettier-ignore
  const taken = ownSystems(readOwnConfig(environment), environment)
  expect(taken.assistant).toMatchObject({ approverRoles: ['lead'], approvalTtlMs: 60_000, limits: { concurrency: 3 } })
  expect(taken.gatewayLimits).toMatchObject({ read: 7, write: 50 })
  expect(Object.keys(taken).sort()).toEqual([
    'anomaly',
    'assistant',
    'catalogue',
    'gatewayLimits',
    'memory',
    'postmortemsFrom',
    'tenants',
  ])
  const own = { VERIFY_AFTER_S: '5,20', TRACES_URL: 'http://traces', TRACES_KIND: 'zipkin' }
  const sources = ownSystems(readOwnConfig(own), own)
  expect(sources.verifyAfterMs).toEqual([5000, 15_000])
  expect(Object.keys(sources.own ?? {}).sort()).toEqual(['controlPlane', 'logs', 'metrics', 'traces'])
})

test('a policy is refused where nothing is watched', () => {
  const policy = join(dataDir, 'policy.yaml')
  writeFileSync(policy, 'diagnose: {}')
  expect(readOwnConfig({ POLICY_FILE: policy }).POLICY_FILE).toBeDefined()
  expect(() => readOwnConfig({ POLICY_FILE: policy, PROMETHEUS_URL: 'http://prometheus' })).toThrow(/POLICY_FILE: .*sre serve anomaly/) // prettier-ignore
})

test('an interrupted start stops the running components and exits with 0', { timeout: 180_000 }, async () => {
  // npm passes the signal on to its child alone; the locale is one that no machine has, such as ssh may bring along
  const platform = startNpm(['--port', '0'], { DATA_DIR: dataDir, LANG: 'xx_XX.UTF-8' })
  let [said, complained] = ['', '']
  platform.stderr.on('data', (text: Buffer) => (complained += text.toString()))
  platform.stdout.on('data', (text: Buffer) => (said += text.toString()))
  const ended = once(platform, 'exit')
  await expect.poll(() => said, { timeout: 150_000, interval: 50 }).toContain('PostgreSQL')
  platform.kill('SIGTERM')
  expect(await ended).toEqual([0, null])
  expect(said).not.toContain('agents')
  expect(complained).not.toMatch(/locale/)
  expect(existsSync(join(dataDir, 'postgres', 'postmaster.pid'))).toBe(false)
})

test(
  'a signal to npx stops the platform too, although its shell does not pass it on',
  { timeout: 300_000 },
  async () => {
    const platform = startNpx(['start', '--no-show', '--port', '0'], { DATA_DIR: dataDir })
    let said = ''
    for (const stream of [platform.stdout, platform.stderr])
      stream.on('data', (text: Buffer) => (said += text.toString()))
    await expect.poll(() => said, { timeout: 250_000, interval: 50 }).toContain('PostgreSQL')
    platform.kill('SIGTERM')
    await expect.poll(() => existsSync(join(dataDir, 'platform.json')), { timeout: 100_000 }).toBe(false)
    expect(existsSync(join(dataDir, 'postgres', 'postmaster.pid'))).toBe(false)
    expect(said).toContain('stopping')
  },
)

interface OwnPlatform {
  said(): string
  sre(args: readonly string[], input?: string): ReturnType<typeof runSre>
  stop(): Promise<unknown>
}

/** Signed in as alice. */
async function startOwn(sources: Record<string, string>): Promise<OwnPlatform> {
  const environment = { DATA_DIR: dataDir, GATEWAY_PORT: '0', ...sources }
  const platform = startSre(['start'], environment)
  let said = ''
  for (const stream of [platform.stdout, platform.stderr])
    stream.on('data', (text: Buffer) => (said += text.toString()))
  const ended = once(platform, 'exit')
  const stop = () => {
    platform.kill('SIGTERM')
    return ended
  }
  await expect.poll(() => said, { timeout: 150_000, interval: 200 }).toMatch(/Running: gateway/)
  const people: { username: string; password: string }[] = JSON.parse(
    readFileSync(join(dataDir, 'people.json'), 'utf8'),
  )
  const alice = people.find(({ username }) => username === 'alice')
  const sre = (args: readonly string[], input = '') => runHere(args, environment, input)
  await sre(['login', '--username', 'alice', '--password-stdin'], `${alice?.password}\n`)
  return { said: () => said, sre, stop }
}

test('with an own Prometheus, the first screen lists its services, and the demo shop is absent', async () => {
  const named = { counter: 'http_requests_total', buckets: 'http_request_duration_seconds_bucket' }
  const cost = { good: { status: '200' }, failed: { status: '500' } }
  const prometheus = await startPrometheus({
    openMetrics: openMetrics([
      ...requests({ ...named, ...cost, labels: { job: 'billing' } }),
      ...requests({ ...named, ...cost, labels: { job: 'ledger' } }),
    ]),
  })
  const alertsToken = 'a token for Alertmanager'
  const platform = await startOwn({ PROMETHEUS_URL: prometheus.url, GATEWAY_ALERTS_TOKEN: alertsToken })
  try {
    const screen = platform.said()
    expect(screen).toContain(`Prometheus at ${prometheus.url} has metrics for 2 services: billing, ledger.\n`)
    expect(screen).toContain(
      'Not available: alerts (no control-plane), changes (until sre connect records them), logs (LOKI_URL is not set), traces (TRACES_URL is not set).',
    )
    const question = /`npx (sre diagnose --service billing --since 1h --watch) --data [^`]+`/.exec(screen)?.[1] ?? ''
    expect(screen).not.toMatch(/shop|checkout|cart|control-plane http/)
    expect(existsSync(join(dataDir, 'lab'))).toBe(false)
    const asked = await platform.sre([...question.split(' ').slice(1), '--verbose'])
    expect(asked, asked.err).toMatchObject({ code: 0 })
    for (const service of ['billing', 'ledger'])
      expect(asked.out).toMatch(new RegExp(`ok prometheus golden-signals .*\\d+ series of ${service}`))
    expect(asked.out).toMatch(/^incident /m)
    expect(asked.out).not.toMatch(/checkout|cart|failed|could not/)
    expect(await platform.sre(['sessions', '--json']).then(({ out }) => JSON.parse(out).items)).toHaveLength(1)
    const gateway = /Running: gateway (http:\/\/[\d.]+:\d+)/.exec(screen)?.[1]
    const alert = { status: 'firing', labels: { alertname: 'Slow', service: 'billing' }, startsAt: new Date().toISOString() } // prettier-ignore
    const notified = await fetch(`${gateway}/api/v1/webhooks/alertmanager`, {
      method: 'POST',
      headers: { authorization: `Bearer ${alertsToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ version: '4', status: 'firing', alerts: [alert] }),
    })
    expect(notified.status, await notified.text()).toBe(202)
  } finally {
    expect(await platform.stop()).toEqual([0, null])
    await prometheus.stop()
  }
}, 180_000)

test('an unreachable Loki is reported at once, without its password', { timeout: 180_000 }, async () => {
  const platform = await startOwn({ LOKI_URL: 'http://user:hunter2@127.0.0.1:1/loki' })
  try {
    expect(platform.said()).toMatch(/Loki cannot be queried: .*ECONNREFUSED.*; check LOKI_URL and its credentials/)
    expect(platform.said()).not.toMatch(/hunter2|traces cannot be queried/)
  } finally {
    expect(await platform.stop()).toEqual([0, null])
  }
})

test('an unreachable Prometheus is reported at once, and in each answer', { timeout: 180_000 }, async () => {
  const platform = await startOwn({ PROMETHEUS_URL: 'http://user:hunter2@127.0.0.1:1/prometheus' })
  try {
    expect(platform.said()).toMatch(
      /Prometheus at http:\/\/127\.0\.0\.1:1\/prometheus cannot be queried: .*ECONNREFUSED/,
    )
    expect(platform.said()).not.toContain('hunter2')
    const asked = await platform.sre(['diagnose', '--service', 'cart', '--watch', '--verbose'])
    expect(asked).toMatchObject({ code: 0 })
    expect(asked.out).toMatch(/failed prometheus golden-signals .*127\.0\.0\.1:1/)
    expect(asked.out).toContain('LOKI_URL is not configured')
  } finally {
    expect(await platform.stop()).toEqual([0, null])
  }
})
