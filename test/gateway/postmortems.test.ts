/** Postmortems at the gateway: who may ask about what, and the report in each format. */
import type { FastifyInstance } from 'fastify'
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { writeReport } from '../../agents/postmortem/write-report.ts'
import type { Report } from '../../postmortem/report.ts'
import { fold } from '../../gateway/views/fold.ts'
import { foldPostmortems, listPostmortems } from '../../gateway/views/postmortems.ts'
import { facts } from '../postmortem/facts.ts'
import { completed, requested } from './records.ts'
import { type Platform, startPlatform } from './platform.ts'

const PATH = '/api/v1/postmortems'
let platform: Platform
const session = uuid()
const other = uuid()

beforeAll(async () => {
  platform = await startPlatform()
  const known = [
    requested(session, { incident_ids: ['INC-1'] }),
    completed(session),
    requested(other, { incident_ids: ['INC-other'], tenant: 'other' }),
  ]
  await fold(known, { pool: platform.pool, readDecision: async () => null })
}, 180_000)
afterAll(() => platform?.close())

const ask = (body: unknown, who = 'alice') => platform.ask(who, 'POST', PATH, { body })

/** What the agent would publish. */
const report = (id: string, change: Partial<Report> = {}, over: object = {}) => ({
  event: 'PostmortemCompleted' as const,
  value: {
    ...{
      event_id: uuid(),
      session_id: null,
      sequence: 0,
      tenant: 'default',
      occurred_at: Date.now(),
      postmortem_id: id,
    },
    ...{ revision: 1, run_id: 'r', handler_version: '1', status: 'completed', reason: null, incident_ids: ['INC-1'] },
    ...{
      session_ids: [session],
      title: { en: 'cart is slow', 'zh-TW': 'cart 變慢' },
      summary: { en: 'It was slow.', 'zh-TW': '變慢。' },
    },
    ...{ language: null, requested_at: Date.now(), execution_ms: 1 },
    report: JSON.stringify({ ...writeReport(facts({ postmortemId: id })), ...change }),
    ...over,
  },
})

describe('a request', () => {
  it('is published for the incidents and sessions it names, and can be read at once', async () => {
    const answer = await ask({ incident_ids: ['INC-1'], session_ids: [session.toUpperCase()], language: 'zh-TW' })
    expect(answer).toMatchObject({ status: 202, body: { status: 'processing', message: 'postmortem requested' } })
    const { postmortem_id: id } = answer.body
    const events = await platform.published('PostmortemRequested')
    expect(events.find(({ value }) => value.postmortem_id === id)?.value).toMatchObject({
      ...{ incident_ids: ['INC-1'], session_ids: [session], language: 'zh-TW', tenant: 'default' },
    })
    expect(await platform.ask('bob', 'GET', `${PATH}/${id}`)).toMatchObject({ status: 200, body: { status: 'processing', report: null } }) // prettier-ignore
    expect(await platform.ask('bob', 'GET', `${PATH}/${id}?format=md`)).toMatchObject({ status: 409, body: { error: 'RESOURCE_CONFLICT' } }) // prettier-ignore
  })

  it('with the same key has one effect', async () => {
    const keyed = { body: { session_ids: [session] }, headers: { 'idempotency-key': 'once' } }
    const [one, again] = [
      await platform.ask('alice', 'POST', PATH, keyed),
      await platform.ask('alice', 'POST', PATH, keyed),
    ]
    expect(again.body).toEqual(one.body)
  })

  it("names every session that is unknown, another tenant's among them, and publishes nothing", async () => {
    const before = (await platform.published('PostmortemRequested')).length
    const nobody = uuid()
    const { status, body } = await ask({ incident_ids: ['INC-1', 'INC-9'], session_ids: [session, nobody, other] })
    expect(status).toBe(404)
    expect(body).toMatchObject({
      error: 'RESOURCE_NOT_FOUND',
      details: [
        { field: 'body.session_ids', message: `no session ${nobody}` },
        { field: 'body.session_ids', message: `no session ${other}` },
      ],
    })
    expect(await platform.published('PostmortemRequested')).toHaveLength(before)
  })

  describe('for incidents that no session names', () => {
    const wanted = { incident_ids: ['INC-1', 'INC-7', 'INC-8', 'INC-other'] }
    const failed = (reason: string) => ({ status: 'failed', reason, report: null })
    const requestFor = async (gateway: FastifyInstance, key: string, payload: object = wanted) => {
      const headers = { authorization: `Bearer ${await platform.tokenOf('alice')}`, 'idempotency-key': key }
      return gateway.inject({ method: 'POST', url: PATH, headers, payload })
    }
    const requests = async () => (await platform.published('PostmortemRequested')).map(({ value }) => value)
    /** The gateway's answer to a request that is answered as the agent does once it has asked the control-plane. */
    const answered = async (gateway: FastifyInstance, key: string, over: object, payload: object = wanted) => {
      const before = new Set((await requests()).map(({ postmortem_id }) => postmortem_id))
      const answer = requestFor(gateway, key, payload)
      const isNew = ({ postmortem_id }: { postmortem_id: string }) => !before.has(postmortem_id)
      const asked = await vi.waitUntil(async () => (await requests()).find(isNew), { timeout: 60_000, interval: 50 })
      await platform.tell(report(asked.postmortem_id, {}, { incident_ids: asked.incident_ids, ...over }))
      return answer
    }
    let patient: FastifyInstance
    beforeAll(async () => {
      patient = await platform.another({ incidentWaitMs: 60_000 })
    })
    afterAll(() => patient?.close())

    it('waits for the agent and names those that the control-plane does not know, also to a repeat', async () => {
      const unknown = await answered(patient, 'unknown incidents', failed('unknown_ids: INC-8, INC-other'))
      const details = [
        { field: 'body.incident_ids', message: 'no incident INC-8' },
        { field: 'body.incident_ids', message: 'no incident INC-other' },
      ]
      for (const { statusCode, body } of [unknown, await requestFor(patient, 'unknown incidents')])
        expect([statusCode, JSON.parse(body)]).toEqual([404, expect.objectContaining({ error: 'RESOURCE_NOT_FOUND', details })]) // prettier-ignore
      expect((await answered(patient, 'known incidents', {})).statusCode).toBe(202)
    })

    it('blames no incident for a session that the agent does not have', async () => {
      const wanted = { incident_ids: ['INC-7, of cart'], session_ids: [session] }
      const { statusCode, body } = await answered(patient, 'a session', failed(`unknown_ids: ${session}`), wanted)
      const details = [{ field: 'body.session_ids', message: `no session ${session}` }]
      expect([statusCode, JSON.parse(body)]).toEqual([404, expect.objectContaining({ details })])
      const both = await answered(patient, 'both', failed(`unknown_ids: ${session}, INC-7, of cart`), wanted)
      expect(JSON.parse(both.body)).toMatchObject({ details: [{ message: 'no incident INC-7, of cart' }, ...details] })
    })

    it('does not wait long for an agent that does not answer', async () => {
      expect((await requestFor(platform.app, 'no agent')).statusCode).toBe(202)
    })
  })

  it.each([
    ['no ids', {}, 422],
    ['an empty list', { session_ids: [] }, 422],
    ['101 ids of one kind', { incident_ids: Array.from({ length: 101 }, (_, place) => `INC-${place}`) }, 422],
    [
      '101 ids of both kinds',
      { incident_ids: Array.from({ length: 100 }, (_, place) => `INC-${place}`), session_ids: [session] },
      422,
    ],
    ['an id that is no UUID', { session_ids: ['x'] }, 422],
    ['a language that is not spoken', { session_ids: [session], language: 'tlh' }, 422],
    ['control characters', { incident_ids: ['INC\u0000'] }, 422],
  ])('with %s is refused', async (_what, body, status) => {
    expect(await ask(body)).toMatchObject({ status, body: { error: 'VALIDATION_ERROR' } })
  })

  it('needs a person or machine that may ask for diagnoses', async () => {
    expect(await ask({ session_ids: [session] }, 'bob')).toMatchObject({ status: 403 })
  })
})

describe('a report', () => {
  /** published, and read by the gateway */
  const tell = async (
    id: string,
    ...told: Parameters<typeof report> extends [string, ...infer Rest] ? Rest : never
  ) => {
    await platform.tell(report(id, ...told))
    await vi.waitUntil(async () => (await read(id)).body['status'] !== 'processing', { timeout: 60_000, interval: 50 })
  }
  const asked = async () => String((await ask({ session_ids: [session] })).body['postmortem_id'])
  const read = (id: string, query = '', headers: Record<string, string> = {}) => platform.ask('bob', 'GET', `${PATH}/${id}${query}`, { headers }) // prettier-ignore

  it('is read as JSON, Markdown and HTML, by Accept or by name', async () => {
    const id = await asked()
    await tell(id)
    expect(await read(id)).toMatchObject({ status: 200, body: { status: 'completed', title: 'cart is slow', report: { postmortem_id: id } } }) // prettier-ignore
    const markdown = await read(id, '', { accept: 'text/markdown' })
    expect(markdown.headers['content-type']).toBe('text/markdown; charset=utf-8')
    expect(markdown.text).toMatch(/^# cart is slow\n\n## Summary\n/)
    expect((await read(id, '?format=md&time_zone=Asia/Taipei')).text).toContain('(Asia/Taipei)')
    const html = await read(id, '?format=html', { 'accept-language': 'zh-TW' })
    expect(html.headers['content-type']).toBe('text/html; charset=utf-8')
    expect(html.headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-/)
    expect(html.text).toContain('<h2>行動項目</h2>')
    expect(await read(id, '?time_zone=Mars/Base&format=md')).toMatchObject({
      status: 400,
      body: { error: 'INVALID_REQUEST' },
    })
    expect(await read(id, '?format=pdf')).toMatchObject({ status: 400 })
  })

  it('that failed says why, as a text and as a code', async () => {
    const id = await asked()
    await tell(id, {}, { status: 'failed', reason: 'unknown_ids: x', report: null, summary: { en: 'No report: x.' } })
    expect(await read(id)).toMatchObject({
      body: { status: 'failed', error: 'No report: x.', error_code: 'unknown_ids', title: null },
    })
    expect(await read(id, '?format=html')).toMatchObject({ status: 409 })
  })

  it('is not read for a list, which says of each whether there is one', async () => {
    const [written, failed] = [await asked(), await asked()]
    await tell(written)
    await tell(
      failed,
      {},
      { status: 'failed', reason: 'unknown_ids: x', report: null, summary: { en: 'No report: x.' } },
    )
    const { rows } = await listPostmortems(platform.pool, 'default', { page: 1, page_size: 100 })
    expect(JSON.stringify(rows)).not.toContain('went_badly')
    const { body } = await platform.ask('bob', 'GET', `${PATH}?page_size=100`)
    const items = body['items'] as { postmortem_id: string }[]
    expect(items.find(({ postmortem_id: id }) => id === written)).toMatchObject({ status: 'completed', state: 'draft', title: 'cart is slow', summary: 'It was slow.', error: null, incident_ids: ['INC-1'], session_ids: [session], completed_at: expect.any(String) }) // prettier-ignore
    expect(items.find(({ postmortem_id: id }) => id === failed)).toMatchObject({ status: 'failed', state: null, title: null, summary: null, error: 'No report: x.', error_code: 'unknown_ids' }) // prettier-ignore
  })

  it('of a later revision replaces an earlier one, in any order', async () => {
    const id = await asked()
    const of = (revision: number, title: string) => report(id, {}, { revision, title: { en: title } }).value
    for (const value of [of(1, 'first'), of(2, 'second'), of(1, 'first')])
      await foldPostmortems(platform.pool, [], [value])
    expect((await read(id)).body).toMatchObject({ revision: 2, title: 'second' })
  })

  it('that somebody else published is shown only if it is one, and to its own tenant only', async () => {
    const id = await asked()
    await tell(id, {}, { report: '{"version":1,"head":"<script>"}' })
    expect(await read(id, '?format=html')).toMatchObject({ status: 409 })
    const odd = await asked()
    await tell(odd, {}, { report: '"a text"' })
    expect(await read(odd)).toMatchObject({ status: 200, body: { report: null } })
    const strange = await asked()
    const { head } = writeReport(facts())
    const intervals = [{ name: 'TTD' as const, from: 'toString', to: 'x', ms: 1, precision: 'exact' as const }]
    await tell(strange, { head: { ...head, intervals }, written_at: 9e15 })
    expect(await read(strange, '?format=html')).toMatchObject({ status: 200 })
    const foreign = await asked()
    await foldPostmortems(platform.pool, [], [report(foreign, {}, { tenant: 'other' }).value])
    expect((await read(foreign)).body).toMatchObject({ status: 'processing' })
    expect(await read(uuid())).toMatchObject({ status: 404, body: { message: 'no such postmortem' } })
    const { body } = await platform.ask('bob', 'GET', `${PATH}?page_size=100`)
    expect((body['items'] as { postmortem_id: string }[]).map(({ postmortem_id }) => postmortem_id)).toContain(foreign)
  })
})
