/** Input that is refused before it is a valid request: sizes are limited, and the error has the usual body. */
import { createServer } from 'node:http'
import { connect } from 'node:net'
import type { AddressInfo } from 'node:net'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readDocument } from '../../gateway/document.ts'
import { refuseUnreadable } from '../../gateway/server-refusals.ts'
import { startPlatform } from './platform.ts'
import type { Platform } from './platform.ts'

let platform: Platform
let port: number
beforeAll(async () => {
  platform = await startPlatform({ limits: { diagnose: 1000 } })
  port = Number(new URL(await platform.app.listen({ host: '127.0.0.1', port: 0 })).port)
})
afterAll(() => platform.close())

const { schemas, methodsAt } = readDocument()
const isError = new Ajv2020({ strict: false }).compile(schemas['Error'] ?? {})
const alerts = (body: string, language = 'en') =>
  platform.ask('control-plane', 'POST', '/api/v1/diagnostics/alerts', {
    body,
    headers: { 'content-type': 'application/json', 'accept-language': language },
  })
const detailsOf = ({ body }: { body: Record<string, unknown> }) => body.details as { field?: string; message: string }[]

describe('a request with many errors', () => {
  test('lists the first twenty and the number of others, in both languages', async () => {
    const body = JSON.stringify({ alert_ids: Array.from({ length: 50 }, () => '') })
    const answer = await alerts(body)
    expect(answer.status).toBe(422)
    expect(detailsOf(answer)).toHaveLength(21)
    expect(detailsOf(answer)[19]).toMatchObject({ field: 'body.alert_ids.19' })
    expect(detailsOf(answer)[20]).toEqual({ message: 'and 30 more' })
    expect(detailsOf(await alerts(body, 'zh-TW'))[20]).toEqual({ message: '另有 30 項' })
  })
  test.each([
    ['texts that are none', `{"alert_ids":[${'"",'.repeat(86_000)}""]}`, 'body.alert_ids'],
    ['fields nobody knows', `{${Array.from({ length: 25_000 }, (_, n) => `"${n}":0`).join()}}`, 'body'],
    ['a context of too much', `{"context":{${Array.from({ length: 25_000 }, (_, n) => `"${n}":0`).join()}}}`, 'body'],
    ['one name that is long', `{"${'\\u0001'.repeat(40_000)}":0}`, 'body'],
  ])('of 256 KB, %s, is checked only in part, and gets a small answer', async (_what, body, field) => {
    const answer = await alerts(body)
    expect(answer.status).toBe(422)
    expect(detailsOf(answer)[0]).toMatchObject({ field })
    expect(answer.text.length).toBeLessThan(4096)
  })
  test('in its query lists the first twenty', async () => {
    const query = Array.from({ length: 1000 }, (_, n) => `x${n}=`).join('&')
    const answer = await platform.ask('bob', 'GET', `/api/v1/diagnostics/history?${query}`)
    expect(answer.status).toBe(400)
    expect(detailsOf(answer)).toHaveLength(21)
    expect(detailsOf(answer)[20]).toEqual({ message: 'and 980 more' })
  })
})

test('the answer to an Alertmanager notification says where to send it, in both languages', async () => {
  const notification = JSON.stringify({
    version: '4',
    groupKey: '{}:{alertname="Slow"}',
    status: 'firing',
    receiver: 'sre',
    commonLabels: { alertname: 'Slow' },
    alerts: [{ status: 'firing', labels: { service: 'cart' }, startsAt: '2026-03-01T10:00:00Z' }],
  })
  const { status, body } = await alerts(notification)
  expect(status).toBe(422)
  expect(body.message).toMatch(/Alertmanager notification: send it to POST \/api\/v1\/webhooks\/alertmanager/)
  expect((await alerts(notification, 'zh-TW')).body.message).toMatch(/Alertmanager 的通知/)
  expect((await alerts('{"alerts":[]}')).body.message).toBe('the body does not match the API description')
  expect((await alerts('{"affected_services":["cart","orders"]}')).status).toBe(202)
})

test('a 405 lists the allowed methods', async () => {
  const id = '01890000-0000-7000-8000-000000000000'
  for (const { path } of readDocument().operations.values())
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'QUERY']) {
      const url = path.replace(/\{\w+\}/g, id)
      const known = methodsAt(url)
      if (known.includes(method)) continue
      const { status, headers, body } = await raw(`${method} ${url} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
      expect([status, headers.get('allow')], `${method} ${url}`).toEqual([405, known.join(', ')])
      if (method !== 'HEAD') expect(JSON.parse(body)).toMatchObject({ error: 'INVALID_REQUEST' })
    }
})

describe('errors of the HTTP server have the usual body:', () => {
  const get = 'GET /api/v1/healthz HTTP/1.1\r\n'
  test.each([
    ['no HTTP', 'hello\r\n\r\n', 400],
    ['a method there is not', 'FETCH / HTTP/1.1\r\nHost: x\r\n\r\n', 400],
    ['a version there is not', 'GET / HTTP/7.1\r\nHost: x\r\n\r\n', 400],
    ['TLS', '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001', 400],
    ['no Host', `${get}\r\n`, 400],
    ['two lengths', `${get}Host: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n`, 400],
    ['a length and chunks', `${get}Host: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 400],
    ['NUL in a header', `${get}Host: x\r\nX-A: \u0000\r\n\r\n`, 400],
    ['headers past 16 KB', `${get}Host: x\r\nX-A: ${'a'.repeat(20_000)}\r\n\r\n`, 431],
    ['a path past 16 KB', `GET /${'a'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, 431],
    ['an expectation', `${get}Host: x\r\nExpect: tea\r\n\r\n`, 417],
    ['a tunnel', 'CONNECT example.org:443 HTTP/1.1\r\nHost: x\r\n\r\n', 400],
    ['a path that cannot be decoded', 'GET /%E0%A4%A HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', 400],
    ['another scheme', 'GET ftp://x/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', 404],
  ])('%s', async (_what, request, status) => {
    const answer = await raw(request)
    expect(answer.status).toBe(status)
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8')
    const body = JSON.parse(answer.body)
    expect(isError(body), JSON.stringify(isError.errors)).toBe(true)
    expect(body.request_id).toBe(answer.headers.get('x-request-id'))
  })
  test.each([
    ['an offer to speak another protocol', `${get}Host: x\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n\r\n`],
    ['HTTP/1.0 without Host', 'GET /api/v1/healthz HTTP/1.0\r\n\r\n'],
  ])('%s is handled as if it were absent', async (_what, request) => {
    expect((await raw(request)).status).toBe(200)
  })
})

test('a request that takes too long to arrive says so', async () => {
  expect(platform.app.server.requestTimeout).toBe(30_000)
  const options = { requestTimeout: 50, headersTimeout: 50, connectionsCheckingInterval: 10 }
  const server = createServer(options).on(
    'clientError',
    refuseUnreadable(({ texts }) => ({ message: texts.en })),
  )
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const slow = (server.address() as AddressInfo).port
  const answer = await raw('POST / HTTP/1.1\r\nHost: x\r\n', { port: slow, end: false })
  expect(answer).toMatchObject({ status: 408, body: '{"message":"the request took too long to arrive"}' })
  server.close()
})

/** The response to these bytes, read until the connection ends. */
async function raw(request: string, to: { port: number; end: boolean } = { port, end: true }) {
  const socket = connect(to.port, '127.0.0.1')
  socket.write(Buffer.from(request, 'latin1'))
  if (to.end) socket.end()
  let text = ''
  for await (const chunk of socket.setEncoding('utf8')) text += chunk
  const [head = '', ...rest] = text.split('\r\n\r\n')
  const [line = '', ...lines] = head.split('\r\n')
  const headers = new Map(lines.map((one) => [one.split(':')[0]?.toLowerCase() ?? '', one.replace(/^[^:]*: */, '')]))
  return { status: Number(line.split(' ')[1]), headers, body: rest.join('\r\n\r\n') }
}
