import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { httpProbe } from '../../gateway/probe.ts'
import { remembered } from '../../health/answers.ts'
import { serveGateway } from '../../gateway/serve.ts'
import { inject, startPlatform } from './platform.ts'
import type { Platform } from './platform.ts'

let platform: Platform
beforeAll(async () => {
  platform = await startPlatform()
})
afterAll(() => platform.close())

const run = (statement: string) => platform.pool.query(statement)

test('a gateway serves at its address until it is closed, which may be repeated', async () => {
  const gateway = await serveGateway({ ...platform.options, host: '127.0.0.1', port: 0 })
  expect(gateway.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
  expect((await fetch(`${gateway.url}/api/v1/healthz`)).status).toBe(200)
  await Promise.all([gateway.close(), gateway.close()])
  await expect(fetch(`${gateway.url}/api/v1/healthz`)).rejects.toThrow('fetch failed')
})

test('a source that is down or hangs is reported, but does not make the gateway unready', async () => {
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

test('a gateway states its version', async () => {
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'))
  expect((await platform.ask(null, 'GET', '/api/v1/healthz')).body).toMatchObject({ version, status: 'healthy' })
})

test('concurrent readiness checks probe the sources once, and later ones again', async () => {
  let asked = 0
  const told = Promise.withResolvers<boolean>()
  const gateway = await platform.another({ sources: { loki: () => (asked++, told.promise) } })
  const ready = () => inject(gateway, { method: 'GET', url: '/api/v1/readyz' })
  const many = Promise.all([ready(), ready(), ready()])
  await expect.poll(() => asked).toBe(1)
  told.resolve(true)
  for (const { body } of await many) expect(body).toMatchObject({ checks: { loki: true } })
  expect(asked).toBe(1)
  await expect.poll(async () => (await ready()) && asked).toBe(2)
  await gateway.close()
})

test('the result of a probe is cached for a while only', async () => {
  vi.useFakeTimers()
  try {
    let asked = 0
    const look = remembered(async () => ++asked, 1000)
    expect([await look(), await look()]).toEqual([1, 1])
    await vi.advanceTimersByTimeAsync(999)
    expect(await look()).toBe(1)
    await vi.advanceTimersByTimeAsync(1)
    expect(await look()).toBe(2)
  } finally {
    vi.useRealTimers()
  }
})

test('an accepted request whose folding failed is folded later', async () => {
  await run('ALTER TABLE gateway.sessions RENAME TO away')
  const body = { alert_ids: ['a-1'] }
  const accepted = await platform.ask('control-plane', 'POST', '/api/v1/diagnostics/alerts', { body })
  expect(accepted.status).toBe(202)
  await run('ALTER TABLE gateway.away RENAME TO sessions')
  const status = async () =>
    (await platform.ask('bob', 'GET', `/api/v1/diagnostics/${accepted.body.session_id}/status`)).status
  await expect.poll(status, { timeout: 60_000 }).toBe(200)
})

test('internal errors are logged and not revealed', async () => {
  await run('ALTER VIEW gateway.approval_states RENAME TO away')
  const answer = await platform.ask('bob', 'GET', '/api/v1/approvals')
  await run('ALTER VIEW gateway.away RENAME TO approval_states')
  expect(answer).toMatchObject({ status: 500, body: { error: 'INTERNAL_ERROR' } })
  expect(answer.text).not.toContain('approval_states')
})
