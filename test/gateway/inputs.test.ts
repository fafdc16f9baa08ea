/** Boundary values of texts, times, numbers and ids: what the document allows works, everything else is refused by name. */
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Json, readDocument } from '../../gateway/document.ts'
import { requested } from './records.ts'
import { startPlatform } from './platform.ts'
import type { Platform } from './platform.ts'

let platform: Platform
beforeAll(async () => {
  platform = await startPlatform({ limits: { diagnose: 1000, read: 1000, write: 1000 } })
})
afterAll(() => platform.close())

const diagnose = (body: unknown, headers: Record<string, string> = {}) =>
  platform.ask('control-plane', 'POST', '/api/v1/diagnostics/deployment', {
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
  })
const deployment = (over: object = {}, context: object = {}) => ({
  incident_id: 'inc-1',
  severity: 'P1',
  affected_services: ['web'],
  context: { deployment_id: 'd-7', service_name: 'cart', ...context },
  ...over,
})
const history = (query: string) => platform.ask('bob', 'GET', `/api/v1/diagnostics/history?${query}`)

describe('a time', () => {
  const rangeOf = async (start: string, end: string) => {
    const { status, body } = await diagnose(deployment({ time_range: { start, end } }))
    const event = (await platform.published('DiagnosisRequested')).find(
      ({ value }) => value.session_id === body.session_id,
    )
    return { status, start: event?.value.window_start, end: event?.value.window_end }
  }
  test.each([
    ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00Z'],
    ['2016-12-31T23:59:60.5Z', '2017-01-01T00:00:00.500Z'],
    ['2017-01-01T08:59:60+09:00', '2017-01-01T00:00:00Z'],
    ['2016-01-01t00:00:00z', '2016-01-01T00:00:00Z'],
    ['2016-01-01T00:00:00.123456789012-00:00', '2016-01-01T00:00:00.123Z'],
    ['0000-01-01T00:00:00Z', '0000-01-01T00:00:00Z'],
  ])('%s is taken for the instant it is', async (start, instant) => {
    expect(await rangeOf(start, '9999-12-31T23:59:60Z')).toEqual({
      status: 202,
      start: Date.parse(instant),
      end: Date.parse('9999-12-31T23:59:59Z') + 1000,
    })
    expect((await history(`start_time=${encodeURIComponent(start)}`)).status).toBe(200)
  })
  test.each([
    '2016-12-31T12:00:60Z',
    '2016-02-30T00:00:00Z',
    '2016-01-01 00:00:00Z',
    '2016-01-01T00:00:00',
    '2016-01-01T00:00:00+01',
    '+275760-09-13T00:00:00Z',
  ])('%s is not a valid time', async (start) => {
    const answer = await diagnose(deployment({ time_range: { start, end: '2030-01-01T00:00:00Z' } }))
    expect(answer).toMatchObject({ status: 422, body: { details: [{ field: 'body.time_range.start' }] } })
    expect(await history(`start_time=${encodeURIComponent(start)}`)).toMatchObject({
      status: 400,
      body: { details: [{ field: 'querystring.start_time' }] },
    })
  })
})

describe('a lone surrogate or NUL', () => {
  const broken = ['\\ud800', '\\udc00x', '\\udc00\\ud800', '\\u0000']
  test.each(broken)('in a text (%s) is refused by name, with and without an Idempotency-Key', async (half) => {
    const places: [string, string][] = [
      ['body.incident_id', JSON.stringify(deployment({ incident_id: 'X' }))],
      ['body.affected_services.0', JSON.stringify(deployment({ affected_services: ['X'] }))],
      ['body.context.deployment_id', JSON.stringify(deployment({}, { deployment_id: 'X' }))],
      ['body.context.note', JSON.stringify(deployment({}, { note: 'X' }))],
      ['body.context', JSON.stringify(deployment({}, { X: 'note' }))],
    ]
    for (const [field, text] of places)
      for (const headers of [{}, { 'idempotency-key': uuid() }] as Record<string, string>[]) {
        const answer = await diagnose(text.replace('"X"', `"${half}"`), headers)
        expect(answer.status, field).toBe(422)
        expect(answer.body.details).toContainEqual(expect.objectContaining({ field }))
      }
  })
  test.each([...broken, '\\u001b[2J', '\\u009b', '\\u202e'])(
    'in the reason of a decision (%s) is refused by name',
    async (half) => {
      const answer = await platform.ask('alice', 'POST', `/api/v1/approvals/${uuid()}/decision`, {
        body: `{"decision":"approved","reason":"${half}","action_hash":"${'f'.repeat(64)}"}`,
        headers: { 'content-type': 'application/json', 'idempotency-key': uuid() },
      })
      expect(answer).toMatchObject({ status: 422, body: { details: [{ field: 'body.reason' }] } })
    },
  )
  test('is forbidden by every text schema of a request', () => {
    const { operations, schemas } = readDocument()
    const parts = [...operations.values()].flatMap(({ parameters, requestBody }) => [
      ...parameters.map(({ schema }) => schema),
      requestBody,
    ])
    const texts = parts.flatMap((part) => textsOf(part, schemas))
    const open = texts.filter(({ enum: known, format, pattern }) => {
      const allows = (text: string) => pattern === undefined || new RegExp(String(pattern), 'u').test(text)
      return known === undefined && format === undefined && ['a\u0000b', 'a\ud800b', 'a\udc00'].some(allows)
    })
    expect(texts.length).toBeGreaterThan(10)
    // languages are only compared with known ones and not stored
    expect(new Set(open.map((text) => JSON.stringify(text)))).toEqual(new Set(['{"type":"string","maxLength":256}']))
  })
})

test('a surrogate pair, and any other visible character, is accepted', async () => {
  const { status, body } = await diagnose(
    deployment({ incident_id: '🔥 支付' }, { note: 'a\tb\n\u202e👩‍🚒', 資料: 'é' }),
    {
      'idempotency-key': uuid(),
    },
  )
  expect(status).toBe(202)
  const event = (await platform.published('DiagnosisRequested')).find(
    ({ value }) => value.session_id === body.session_id,
  )
  expect(event?.value).toMatchObject({ incident_ids: ['🔥 支付'], context: { note: 'a\tb\n\u202e👩‍🚒', 資料: 'é' } })
})

test.each(['\u001b[2J', '\u202epay', 'pay\u200b', '\u0085', '\u2028'])(
  'a name with invisible characters (%j) is refused',
  async (name) => {
    const answer = await diagnose(deployment({}, { service_name: name }))
    expect(answer).toMatchObject({ status: 422, body: { details: [{ field: 'body.context.service_name' }] } })
    expect((await history(`service=${encodeURIComponent(name)}`)).status).toBe(400)
  },
)

describe('an id', () => {
  test('is the same in upper case', async () => {
    const session = uuid()
    await platform.tell(requested(session))
    const { body } = await platform.ask('bob', 'GET', `/api/v1/diagnostics/${session.toUpperCase()}/status`)
    expect(body.session_id).toBe(session)
  })
  test.each(['urn:uuid:', '%20', '%00'])('with the prefix %s is refused', async (before) => {
    for (const path of ['/api/v1/diagnostics/ID/status', '/api/v1/diagnostics/ID/events', '/api/v1/approvals/ID'])
      expect(await platform.ask('bob', 'GET', path.replace('ID', `${before}${uuid()}`))).toMatchObject({ status: 400 })
  })
})

test.each([
  ['page=1&page=2', 'querystring.page'],
  ['service=a&service=b', 'querystring.service'],
  ['page=1e400', 'querystring.page'],
  ['page=100001', 'querystring.page'],
  ['page=', 'querystring.page'],
  ['service=', 'querystring.service'],
  ['service=%00', 'querystring.service'],
  ['service=%E0%A4%A', 'querystring'],
  ['service=%ED%A0%80', 'querystring'],
  ['__proto__=1', 'querystring.__proto__'],
  ['constructor=1', 'querystring.constructor'],
])('the query %s is refused by name', async (query, field) => {
  const { status, body } = await history(query)
  expect(status).toBe(400)
  expect(body.details).toContainEqual(expect.objectContaining({ field }))
})

test.each(['é', '\u0080', '\u0000', '\ud800'])(
  'an Idempotency-Key or a Last-Event-ID of %j is refused by name',
  async (value) => {
    expect(await diagnose(deployment(), { 'idempotency-key': value })).toMatchObject({
      status: 400,
      body: { details: [{ field: 'headers.idempotency-key' }] },
    })
    const headers = { 'last-event-id': value }
    expect(await platform.ask('bob', 'GET', `/api/v1/diagnostics/${uuid()}/events`, { headers })).toMatchObject({
      status: 400,
      body: { details: [{ field: 'headers.last-event-id' }] },
    })
  },
)

test.each(['{"__proto__":{}}', '{"constructor":{"prototype":{}}}', '[]', 'null', '1e400', '""', '['.repeat(100_000)])(
  'the body %.20s is refused, and the gateway keeps running',
  async (body) => {
    expect([400, 422]).toContain((await diagnose(body)).status)
  },
)

/** Every text schema below this node. */
function textsOf(node: unknown, schemas: Readonly<Record<string, Json>>): Json[] {
  if (typeof node !== 'object' || node === null) return []
  const { $ref, ...schema } = node as Json
  if (typeof $ref === 'string') return textsOf(schemas[$ref.split('/').at(-1) ?? ''], schemas)
  if (schema.type === 'string') return [schema]
  return Object.values(schema).flatMap((part) => textsOf(part, schemas))
}
