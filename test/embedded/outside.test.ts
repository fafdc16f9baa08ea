/** The control-plane's HTTP API with invalid input: refused by name and in one format, without failures. */
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { client, createFakeServices, createSetting, machineToken, startControlPlane, type Setting } from './setting.ts'

let setting: Setting
let controlPlane: Awaited<ReturnType<typeof startControlPlane>>
let ask: ReturnType<typeof client>
beforeAll(async () => {
  setting = await createSetting()
  controlPlane = await startControlPlane(setting, { lab: createFakeServices() })
  ask = client(controlPlane.url, await machineToken(setting, 'sre-executor', 'sre-platform:read sre-platform:write'))
})
afterAll(async () => {
  await controlPlane.stop()
  await setting.close()
})

const script = (over: object) => ({
  script_id: 'rollback',
  parameters: {},
  target_resources: [],
  dry_run: true,
  ...over,
})
const keyed = () => ({ 'idempotency-key': crypto.randomUUID() })

test.each(['a\u0000b', 'a\ud800', '\udc00\ud800'])(
  'a text with NUL or a lone surrogate (%j) is refused everywhere',
  async (bad) => {
    const bodies: [string, string, object][] = [
      ['POST', '/automation/execute', script({ script_id: bad })],
      ['POST', '/automation/execute', script({ parameters: { image_tag: bad } })],
      ['POST', '/automation/execute', script({ parameters: { [bad]: 'x' } })],
      ['POST', '/automation/execute', script({ target_resources: [bad] })],
      ['POST', '/deployments', { service_name: bad, image_tag: 'x' }],
      ['POST', '/executions', { session_id: bad, status: 'running' }],
      ['POST', '/executions', { session_id: 's', status: 'running', output: bad }],
      ['PATCH', '/executions/x', { output: bad }],
      ['POST', '/incidents/x/comments', { comment: bad }],
    ]
    for (const [method, path, body] of bodies)
      expect(await ask(method, path, body, keyed()), `${method} ${path} ${JSON.stringify(body)}`).toMatchObject({
        status: 422,
        body: { error: 'VALIDATION_ERROR' },
      })
  },
)

test.each([
  ...[
    '/audit-logs?service_name=%00',
    '/deployments?service_name=%00',
    '/incidents?severity=%00',
    '/alerts?severity=%00',
  ],
  ...[
    '/deployments?page=1e30',
    '/deployments?page=9007199254740991',
    '/deployments?page=1e400',
    '/deployments?page=1&page=2',
  ],
  ...['/alerts?start_time=%2B275760-09-13T00:00:00Z', '/alerts?start_time=2016-02-30T00:00:00Z'],
])('GET %s is an invalid request', async (path) => {
  expect(await ask('GET', path)).toMatchObject({ status: 400, body: { error: 'INVALID_REQUEST' } })
})

test.each(['2016-12-31T23:59:60Z', '0000-01-01T00:00:00Z', '9999-12-31T23:59:59Z'])('%s is a time', async (time) => {
  expect(await ask('GET', `/audit-logs?start_time=${time}&end_time=${time}`)).toMatchObject({ status: 200 })
})

test.each(['deployments', 'incidents', 'automation/executions', 'approvals'])(
  '%s by an id that is not valid text is refused',
  async (what) => {
    for (const id of ['%00', '%E0%A4%A', 'x'.repeat(200)]) {
      const { status, body } = await ask('GET', `/${what}/${id}`)
      expect([400, 414, 422]).toContain(status)
      expect(Object.keys(body).sort()).toEqual(['error', 'message', 'request_id'])
    }
  },
)

test('many errors give a short response', async () => {
  const parameters = Object.fromEntries(Array.from({ length: 5000 }, (_, n) => [n, n]))
  const { status, body } = await ask('POST', '/automation/execute', script({ parameters }), keyed())
  expect(status).toBe(422)
  expect(body['message']).toMatch(/and 4980 more$/)
  expect(String(body['message']).length).toBeLessThan(4096)
  const unknown = Object.fromEntries(Array.from({ length: 5000 }, (_, n) => [`x${n}`, n]))
  expect(String((await ask('POST', '/deployments', unknown)).body['message']).length).toBeLessThan(4096)
})

test('a 405 lists the allowed methods', async () => {
  for (const [method, path, allow] of [
    ['DELETE', '/api/v1/incidents/x', 'GET, HEAD'],
    ['GET', '/api/v1/automation/execute', 'POST'],
    ['PUT', '/healthz', 'GET, HEAD'],
  ] as const) {
    const response = await fetch(`${controlPlane.url}${path}`, { method })
    expect([response.status, response.headers.get('allow')?.split(', ').sort().join(', ')]).toEqual([405, allow])
    expect(await response.json()).toMatchObject({ error: 'INVALID_REQUEST' })
  }
  expect(await ask('GET', '/nothing')).toMatchObject({ status: 404, body: { error: 'RESOURCE_NOT_FOUND' } })
})

test('a request that does not arrive in full is given up', () => {
  expect(controlPlane.app.server.requestTimeout).toBe(30_000)
})

describe('errors of the HTTP server have the same format:', () => {
  test.each([
    ['no HTTP', 'hello\r\n\r\n', 400],
    ['no Host', 'GET /healthz HTTP/1.1\r\n\r\n', 400],
    ['headers past 16 KB', `GET / HTTP/1.1\r\nHost: x\r\nX-A: ${'a'.repeat(20_000)}\r\n\r\n`, 431],
    ['an expectation', 'GET / HTTP/1.1\r\nHost: x\r\nExpect: tea\r\n\r\n', 417],
    ['a path that cannot be decoded', 'GET /%E0%A4%A HTTP/1.1\r\nHost: x\r\n\r\n', 400],
  ])('%s', async (_what, request, status) => {
    const socket = connect(Number(new URL(controlPlane.url).port), '127.0.0.1')
    socket.end(request)
    const chunks: string[] = await Array.fromAsync(socket.setEncoding('utf8'))
    const [head = '', body = ''] = chunks.join('').split('\r\n\r\n')
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(Object.keys(JSON.parse(body)).sort()).toEqual(['error', 'message', 'request_id'])
  })
})
