/** `sre start` beside what a user already has. */
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ownSystems, readOwnConfig } from '../../cli/start/own-systems.ts'
import { runSre, startNpm, startSre } from './run-sre.ts'

let dataDir: string
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'sre-own-'))
})
afterEach(() => rmSync(dataDir, { recursive: true, force: true }))

test('what it always brings itself is refused, all of it in one message, before anything starts', async () => {
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
  expect(err).toContain('TRACES_KIND: needed together with TRACES_URL')
  expect(err).toContain('APPROVAL_TTL_S: ')
  expect(err).not.toMatch(/APPROVER_ROLES|SRE_GATEWAY_URL/)
  expect(err).toContain('sre serve')
})

test('settings are taken as sre serve takes them, and the looks at an action only where they are given', () => {
  const environment = { APPROVER_ROLES: 'lead', APPROVAL_TTL_S: '60', DIAGNOSES_AT_ONCE: '3', GATEWAY_READS_PER_MINUTE: '7' } // prettier-ignore
  const taken = ownSystems(readOwnConfig(environment), environment)
  expect(taken.assistant).toMatchObject({ approverRoles: ['lead'], approvalTtlMs: 60_000, limits: { concurrency: 3 } })
  expect(taken.gatewayLimits).toMatchObject({ read: 7, write: 50 })
  expect(Object.keys(taken).sort()).toEqual(['assistant', 'gatewayLimits', 'tenants'])
  const own = { VERIFY_AFTER_S: '5,20', TRACES_URL: 'http://traces', TRACES_KIND: 'zipkin' }
  const sources = ownSystems(readOwnConfig(own), own)
  expect(sources.verifyAfterMs).toEqual([5000, 15_000])
  expect(Object.keys(sources)).toEqual(expect.arrayContaining(['traces', 'metrics', 'logs']))
})

test('a start that is told to stop stops what is up, and ends as if all were well', { timeout: 120_000 }, async () => {
  // npm passes the signal on to its child alone
  const platform = startNpm(['--port', '0'], { DATA_DIR: dataDir })
  let said = ''
  platform.stdout.on('data', (text: Buffer) => (said += text.toString()))
  const ended = once(platform, 'exit')
  await expect.poll(() => said, { timeout: 60_000, interval: 50 }).toContain('PostgreSQL')
  platform.kill('SIGTERM')
  expect(await ended).toEqual([0, null])
  expect(said).not.toContain('agents')
  expect(existsSync(join(dataDir, 'postgres', 'postmaster.pid'))).toBe(false)
})

test(
  'metrics and logs are asked where the user has them, and the shop is not shown',
  { timeout: 120_000 },
  async () => {
    const prometheus = 'http://127.0.0.1:1/prometheus'
    const environment = { DATA_DIR: dataDir, GATEWAY_PORT: '0', PROMETHEUS_URL: prometheus }
    const platform = startSre(['start'], environment)
    let said = ''
    for (const stream of [platform.stdout, platform.stderr])
      stream.on('data', (text: Buffer) => (said += text.toString()))
    const ended = once(platform, 'exit')
    try {
      await expect.poll(() => said, { timeout: 60_000, interval: 200 }).toMatch(/Running: gateway/)
      expect(said).toContain('where the shop is not')
      const people: { username: string; password: string }[] = JSON.parse(
        readFileSync(join(dataDir, 'people.json'), 'utf8'),
      )
      const alice = people.find(({ username }) => username === 'alice')
      await runSre(['login', '--username', 'alice', '--password-stdin'], environment, `${alice?.password}\n`)
      const asked = await runSre(['diagnose', '--service', 'cart', '--watch'], environment)
      expect(asked).toMatchObject({ code: 0 })
      expect(asked.out).toMatch(/prometheus golden-signals: failed.*127\.0\.0\.1:1/)
      expect(asked.out).toContain('LOKI_URL is not configured')
    } finally {
      platform.kill('SIGTERM')
    }
    expect(await ended).toEqual([0, null])
  },
)
