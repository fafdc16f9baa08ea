/** `sre start` beside what a user already has. */
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runSre, startSre } from './run-sre.ts'

let dataDir: string
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'sre-own-'))
})
afterEach(() => rmSync(dataDir, { recursive: true, force: true }))

test('what it always brings itself is refused, all of it in one message, before anything starts', async () => {
  const theirs = {
    ...{ CONTROL_PLANE_URL: 'http://cp', OIDC_ISSUER: 'http://issuer', TRACES_URL: 'http://t', TRACES_KIND: 'zipkin' },
    ...{ KAFKA_BROKERS: 'a:9092', SCHEMA_REGISTRY_URL: 'http://registry' },
  }
  const { code, out, err } = await runSre(['start', '--port', '0'], { DATA_DIR: dataDir, ...theirs })
  expect({ code, out }).toEqual({ code: 1, out: '' })
  expect(err).toContain('CONTROL_PLANE_URL, OIDC_ISSUER, KAFKA_BROKERS, TRACES_URL: sre start brings its own')
  expect(err).toContain('sre serve')
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
