/** The generic webhook: any sender's JSON becomes a change on the bus. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readMapping } from '../../connect/mapping.ts'
import { readConfig } from '../../cli/config.ts'
import { type Receiving, receiving, SECRET } from './receiving.ts'

const dir = mkdtempSync(join(tmpdir(), 'connect-'))
const file = join(dir, 'mapping.yaml')
writeFileSync(
  file,
  `services: { Shopping Cart: cart }
namespaces: { prod: shop }
fields: { id: build.number, service: application, at: finished, summary: title, namespace: stage }
`,
)
let plain: Receiving
let mapped: Receiving
beforeAll(async () => {
  plain = await receiving('webhook')
  mapped = await receiving('webhook', { mapping: readMapping(file) })
}, 60_000)
afterAll(async () => {
  await plain?.close()
  await mapped?.close()
  rmSync(dir, { recursive: true })
})

const bearer = { authorization: `Bearer ${SECRET}` }
const change = { id: 'b-4711', service: 'cart', at: '2026-11-29T20:00:00Z', summary: 'cart 1.5.0' }

it('records the documented fields', async () => {
  const full = {
    ...change,
    type: 'CONFIG_UPDATE',
    namespace: 'shop',
    author: 'carol',
    before: { pool: 10 },
    after: { pool: 2 },
  }
  const answer = await plain.post(full, bearer)
  expect(answer).toMatchObject({ status: 202, body: { recorded: true, change_id: 'webhook/b-4711' } })
  expect((await plain.published()).at(-1)).toMatchObject({
    ...{ change_id: 'webhook/b-4711', service: 'cart', namespace: 'shop', type: 'CONFIG_UPDATE', author: 'carol' },
    ...{ occurred_at: Date.parse(change.at), summary: 'cart 1.5.0', before: '{"pool":10}', after: '{"pool":2}' },
  })
})

it('is a deployment unless it says otherwise; times may be RFC 3339, seconds or milliseconds', async () => {
  const ms = Date.parse(change.at)
  for (const at of [ms, ms / 1000, '2026-11-29T21:00:00+01:00'])
    expect(await plain.post({ ...change, id: 'same', at }, bearer)).toMatchObject({ status: 202 })
  const same = (await plain.published()).filter(({ change_id }) => change_id === 'webhook/same')
  expect(same).toHaveLength(3)
  expect(same[0]).toMatchObject({ type: 'DEPLOYMENT', occurred_at: ms, namespace: null })
  // one report, sent three times
  expect(new Set(same.map(({ event_id }) => event_id)).size).toBe(1)
})

it("finds the fields of the sender's own body through the mapping file", async () => {
  const theirs = {
    build: { number: 4711 },
    application: 'Shopping Cart',
    finished: 1764000000,
    title: 'v1.5.0',
    stage: 'prod',
  }
  expect(await mapped.post(theirs, bearer)).toMatchObject({ status: 202 })
  expect((await mapped.published()).at(-1)).toMatchObject({
    change_id: 'webhook/4711',
    service: 'cart',
    namespace: 'shop',
  })
  const wrong = await mapped.post({ ...theirs, build: {}, finished: 'soon' }, bearer)
  expect(wrong.status).toBe(422)
  expect(wrong.body.message).toMatch(/^build\.number: .*; finished: /)
})

it.each([
  ['no token', {}],
  ['a wrong token', { authorization: 'Bearer guessed' }],
  ['basic authentication', { authorization: `Basic ${Buffer.from(`x:${SECRET}`).toString('base64')}` }],
])('refuses %s with 401', async (_what, headers) => {
  const answer = await plain.post(change, headers)
  expect(answer).toMatchObject({ status: 401, body: { error: 'AUTHENTICATION_FAILED' } })
  expect(answer.headers.get('www-authenticate')).toBe('Bearer')
})

it.each([
  ['nothing', '', 400, 'the body is not JSON in UTF-8'],
  ['a list', [change], 422, 'the body: must be one object'],
  ['no service', { ...change, service: undefined }, 422, 'service: '],
  ['an empty summary', { ...change, summary: ' ' }, 422, 'summary: '],
  ['a long author', { ...change, author: 'x'.repeat(501) }, 422, 'author: '],
  ['a time without a zone', { ...change, at: '2026-11-29T20:00:00' }, 422, 'at: '],
  ['a time to come', { ...change, at: Date.now() + 3_600_000 }, 422, 'at: is in the future'],
  ['a prototype', '{"id":"x","__proto__":{"service":"cart"}}', 422, 'service: '],
])('refuses %s and names the field', async (_what, body, status, says) => {
  const before = (await plain.published()).length
  const answer = await plain.post(body, bearer)
  expect(answer.status).toBe(status)
  expect(answer.body.message).toContain(says)
  expect(await plain.published()).toHaveLength(before)
})

it('keeps secrets off the bus', async () => {
  const after = { image_tag: 'cart:1.5.0', password: 'hunter2hunter2' }
  await plain.post(
    { ...change, id: 'secret', after, summary: 'with Authorization: Bearer abcdef0123456789abcdef' },
    bearer,
  )
  const text = JSON.stringify((await plain.published()).at(-1))
  expect(text).toContain('cart:1.5.0')
  expect(text).not.toMatch(/hunter2|abcdef0123456789/)
})

it('refuses a mapping file with an unknown field, and a short token, at start', () => {
  const wrong = join(dir, 'wrong.yaml')
  writeFileSync(wrong, 'fields: { servcie: app }\n')
  const read = () => readConfig({ CONNECT_MAPPING_FILE: wrong, CONNECT_WEBHOOK_TOKEN: 'short' })
  expect(read).toThrow(/CONNECT_WEBHOOK_TOKEN: must have at least 16 characters/)
  expect(read).toThrow(/CONNECT_MAPPING_FILE: .*wrong\.yaml.*servcie/s)
})
