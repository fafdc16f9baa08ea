import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { httpProbe } from '../../gateway/probe.ts'
import { serveGateway } from '../../gateway/serve.ts'
import { inject, startPlatform } from './platform.ts'
import type { Platform } from './platform.ts'

let platform: Platform
beforeAll(async () => {
  platform = await startPlatform()
})
afterAll(() => platform.close())

const run = async (statement: string): Promise<void> => {
  const client = new Client({ connectionString: platform.databaseUrl })
  await client.connect()
  await client.query(statement)
  await client.end()
}

test('a gateway answers at its address until it is closed, however often', async () => {
  const gateway = await serveGateway({ ...platform.options, host: '127.0.0.1', port: 0 })
  expect(gateway.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
  expect((await fetch(`${gateway.url}/api/v1/healthz`)).status).toBe(200)
  await Promise.all([gateway.close(), gateway.close()])
  await expect(fetch(`${gateway.url}/api/v1/healthz`)).rejects.toThrow('fetch failed')
})

test('a source that is down or never answers is told, and does not make the gateway unready', async () => {
  const gateway = await platform.another({
    sources: {
      prometheus: httpProbe(`${platform.issuer.url}/nothing-here`),
      loki: httpProbe('http://127.0.0.1:9'),
      control_plane: () => new Promise(() => undefined),
    },
  })
  expect(await inject(gateway, { method: 'GET', url: '/api/v1/readyz' })).toMatchObject({
    status: 200,
    body: {
      ready: true,
      checks: { postgres: true, bus: true, prometheus: true, loki: false, control_plane: false },
    },
  })
  await gateway.close()
})

test('a gateway says which version of the platform it is', async () => {
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'))
  expect((await platform.ask(null, 'GET', '/api/v1/healthz')).body).toMatchObject({ version, status: 'healthy' })
})

test('sources are asked once a second, however many ask whether it is ready', async () => {
  let asked = 0
  const gateway = await platform.another({ sources: { loki: async () => ++asked > 0 } })
  const ready = () => inject(gateway, { method: 'GET', url: '/api/v1/readyz' })
  await Promise.all([ready(), ready()])
  await ready()
  expect(asked).toBe(1)
  const later = async () => (await ready()) && asked
  await expect.poll(later, { timeout: 5000, interval: 100 }).toBe(2)
  await gateway.close()
})

test('a request stands although the views could not be folded, and shows once they can', async () => {
  await run('ALTER TABLE gateway.sessions RENAME TO away')
  const body = { alert_ids: ['a-1'] }
  const accepted = await platform.ask('control-plane', 'POST', '/api/v1/diagnostics/alerts', { body })
  expect(accepted.status).toBe(202)
  await run('ALTER TABLE gateway.away RENAME TO sessions')
  const status = async () =>
    (await platform.ask('bob', 'GET', `/api/v1/diagnostics/${accepted.body.session_id}/status`)).status
  await expect.poll(status, { timeout: 20_000 }).toBe(200)
})

test('what goes wrong inside is told to nobody but the log', async () => {
  await run('ALTER VIEW gateway.approval_states RENAME TO away')
  const answer = await platform.ask('bob', 'GET', '/api/v1/approvals')
  await run('ALTER VIEW gateway.away RENAME TO approval_states')
  expect(answer).toMatchObject({ status: 500, body: { error: 'INTERNAL_ERROR' } })
  expect(answer.text).not.toContain('approval_states')
})
