/** Event streams are limited: no caller can use up others' places, and a stream nobody reads is closed. */
import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { decodeJwt } from 'jose'
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createStreamPlaces } from '../../gateway/stream-places.ts'
import { progressed, requested } from './records.ts'
import { startPlatform } from './platform.ts'
import type { Platform } from './platform.ts'

let platform: Platform
const session = uuid()
const limits = { read: 10_000, streams: 6, streamsPerCaller: 2 }
beforeAll(async () => {
  platform = await startPlatform({ limits })
})
afterAll(() => platform.close())

/** A client that reads the first bytes only. */
async function reader(app: FastifyInstance, who: string, id = session): Promise<{ socket: Socket; head: string }> {
  if (!app.server.listening) await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as { port: number }
  const socket = connect(port, '127.0.0.1')
  const lines = [
    `GET /api/v1/diagnostics/${id}/events HTTP/1.1`,
    'Host: x',
    `Authorization: Bearer ${await platform.tokenOf(who)}`,
  ]
  socket.write(`${lines.join('\r\n')}\r\n\r\n`)
  const [head] = await once(socket, 'data')
  socket.pause()
  return { socket, head: String(head) }
}
const taken = async (app: FastifyInstance): Promise<string | undefined> =>
  /^sre_gateway_event_streams (\d+)$/m.exec((await app.inject('/api/v1/metrics')).payload)?.[1]

describe('places for event streams', () => {
  const of = (id: string, tenant = 't', clientId = 'console') => ({ id, tenant, clientId })
  test('are limited per caller, per tenant and in total, and others still get theirs', () => {
    const places = createStreamPlaces({ streams: 6, streamsPerTenant: 4, streamsPerCaller: 2 })
    const give = [places.take(of('a')), places.take(of('a'))]
    expect(() => places.take(of('a'))).toThrow(expect.objectContaining({ status: 429, code: 'RATE_LIMITED' }))
    places.take(of('a', 't', 'machine'))
    places.take(of('b'))
    expect(() => places.take(of('c'))).toThrow(
      expect.objectContaining({ status: 429, headers: { 'retry-after': '5' } }),
    )
    places.take(of('a', 'other'))
    places.take(of('b', 'other'))
    expect(() => places.take(of('c', 'other'))).toThrow(expect.objectContaining({ status: 503 }))
    for (const back of [...give, ...give]) back()
    expect(places.size()).toBe(4)
    places.take(of('c', 'other'))
  })
})

/** Publishes more than a connection's buffers hold. */
async function tellMuch(): Promise<string> {
  const id = uuid()
  const message = { en: 'x'.repeat(400_000) }
  const findings = [{ source: 'logs', severity: 'info', service: null, timestamp: null, evidence: ['e'], message }]
  await platform.tell(requested(id), ...Array.from({ length: 24 }, (_, at) => progressed(id, at, { findings })))
  return id
}

test('one client cannot use up all places', async () => {
  await platform.tell(requested(session))
  const opened = [await reader(platform.app, 'bob'), await reader(platform.app, 'bob')]
  const third = await reader(platform.app, 'bob')
  expect(third.head).toMatch(/^HTTP\/1.1 429 /)
  expect(third.head).toMatch(/^retry-after: 5\r$/im)
  expect(third.head).toContain('"error":"RATE_LIMITED"')
  const other = await reader(platform.app, 'alice')
  expect(other.head).toMatch(/^HTTP\/1.1 200 /)
  for (const { socket } of [...opened, other]) socket.destroy()
  await expect.poll(() => taken(platform.app)).toBe('0')
  const again = await reader(platform.app, 'bob')
  expect(again.head).toMatch(/^HTTP\/1.1 200 /)
  again.socket.destroy()
})

test('a client that disconnects before the response leaves no place taken', async () => {
  const { port } = platform.app.server.address() as { port: number }
  const authorization = `Authorization: Bearer ${await platform.tokenOf('root')}`
  const request = `GET /api/v1/diagnostics/${session}/events HTTP/1.1\r\nHost: x\r\n${authorization}\r\n\r\n`
  for (let count = 0; count < 20; count++) {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    socket.write(request, () => socket.resetAndDestroy())
    await once(socket, 'close')
  }
  await expect.poll(() => taken(platform.app)).toBe('0')
  const heard = await reader(platform.app, 'root')
  expect(heard.head).toMatch(/^HTTP\/1.1 200 /)
  heard.socket.destroy()
})

test('a client that stops reading without disconnecting is closed', async () => {
  const app = await platform.another({ limits, heartbeatMs: 300 })
  const { socket, head } = await reader(app, 'bob', await tellMuch())
  expect(head).toMatch(/^HTTP\/1.1 200 /)
  await expect.poll(() => taken(app), { timeout: 60_000 }).toBe('0')
  socket.destroy()
  await app.close()
})

test('a client that stops reading holds its place no longer than its token is valid', async () => {
  const { exp = 0 } = decodeJwt(await platform.tokenOf('bob'))
  const app = await platform.another({ limits, now: () => (exp - 1) * 1000 })
  const { socket, head } = await reader(app, 'bob', await tellMuch())
  expect(head).toMatch(/^HTTP\/1.1 200 /)
  await expect.poll(() => taken(app)).toBe('0')
  socket.destroy()
  await app.close()
})

test('a client of a quiet session that reads the heartbeats stays connected', async () => {
  const app = await platform.another({ limits, heartbeatMs: 500 })
  const { socket } = await reader(app, 'bob')
  let heard = ''
  socket.on('data', (chunk) => (heard += String(chunk))).resume()
  await expect.poll(() => heard.split('still here').length, { timeout: 60_000 }).toBeGreaterThan(5)
  expect(await taken(app)).toBe('1')
  socket.destroy()
  await app.close()
})
