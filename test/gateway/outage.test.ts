import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startPrivatePostgres } from '../servers/postgres.ts'
import { completed, progressed, requested } from './records.ts'
import { startPlatform } from './platform.ts'
import type { Platform } from './platform.ts'

let postgres: Awaited<ReturnType<typeof startPrivatePostgres>>
let platform: Platform
beforeAll(async () => {
  postgres = await startPrivatePostgres()
  platform = await startPlatform(
    { limits: { read: 1000 } },
    { database: { url: postgres.url, drop: async () => undefined } },
  )
})
afterAll(async () => {
  await platform.close()
  await postgres.stop()
})

const read = (session: string) => platform.ask('bob', 'GET', `/api/v1/diagnostics/${session}/status`)
const ready = async () => (await platform.ask(null, 'GET', '/api/v1/readyz')).status

test('the gateway reports a lost database; when it is back, requests, views and open streams continue', async () => {
  const base = await platform.app.listen({ host: '127.0.0.1', port: 0 })
  const session = uuid()
  await platform.tell(requested(session))
  const response = await fetch(`${base}/api/v1/diagnostics/${session}/events`, {
    headers: { authorization: `Bearer ${await platform.tokenOf('bob')}` },
  })
  const told = response.text()
  told.catch(() => undefined)

  await postgres.kill()
  expect(await read(session)).toMatchObject({ status: 503, body: { error: 'SERVICE_UNAVAILABLE' } })
  expect(await ready()).toBe(503)
  expect((await platform.ask(null, 'GET', '/api/v1/healthz')).status).toBe(200)

  await postgres.start()
  await expect.poll(ready, { timeout: 60_000 }).toBe(200)
  expect((await read(session)).status).toBe(200)
  await platform.tell(progressed(session, 50), completed(session))
  const text = await told
  expect(text).toContain('event: progress')
  expect(text).toContain('event: final_result')
}, 180_000)

test('while the database is frozen, requests are refused at once, and take no effect when it recovers', async () => {
  const question = { body: { affected_services: ['cart'], incident_ids: ['inc-1'] } }
  const post = (headers: Record<string, string> = {}) =>
    platform.ask('alice', 'POST', '/api/v1/diagnostics/alerts', { ...question, headers })
  expect((await post()).status).toBe(202)
  const before = (await platform.published('DiagnosisRequested')).length
  await postgres.suspend()
  // more requests than the pool has connections, and one after all of them are taken
  const keyed = Array.from({ length: 12 }, (_, one) => post({ 'idempotency-key': `frozen-${one}` }))
  for (const answer of [...(await Promise.all(keyed)), await read(uuid())]) {
    expect(answer).toMatchObject({ status: 503, body: { error: 'SERVICE_UNAVAILABLE' } })
    expect(answer.headers['retry-after']).toBe('5')
  }
  expect(await ready()).toBe(503)
  expect((await platform.ask(null, 'GET', '/api/v1/metrics')).status).toBe(200)
  await postgres.resume()
  await expect.poll(async () => (await post({ 'idempotency-key': 'awake' })).status, { timeout: 60_000 }).toBe(202)
  expect(await platform.published('DiagnosisRequested')).toHaveLength(before + 1)
}, 180_000)
