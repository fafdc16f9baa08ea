import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { approvalRequested, completed, evidence, progressed, requested } from './records.ts'
import { startPlatform } from './platform.ts'
import type { Platform } from './platform.ts'

let platform: Platform
beforeAll(async () => {
  platform = await startPlatform({ limits: { diagnose: 1000, read: 1000, write: 1000 } })
})
afterAll(() => platform.close())

const deployment = {
  incident_id: 'inc-1',
  severity: 'P1',
  affected_services: ['web'],
  context: { deployment_id: 'd-7', service_name: 'cart', image_tag: 'v2' },
  time_range: { start: '2026-01-01T00:00:00Z', end: '2026-01-01T01:00:00Z' },
}
const ask = (who: string | null, method: 'GET' | 'POST' | 'DELETE', url: string, options = {}) =>
  platform.ask(who, method, url, options)
const diagnose = (body: unknown = deployment, headers: Record<string, string> = {}) =>
  ask('control-plane', 'POST', '/api/v1/diagnostics/deployment', { body, headers })
const statusOf = (sessionId: unknown, who = 'control-plane') =>
  ask(who, 'GET', `/api/v1/diagnostics/${sessionId}/status`)
const requests = () => platform.published('DiagnosisRequested')
const requestOf = async (sessionId: unknown) => (await requests()).find(({ value }) => value.session_id === sessionId)

describe('asking for a diagnosis', () => {
  test('publishes the request with its requester, readable at once', async () => {
    const { status, body } = await diagnose()
    expect(status).toBe(202)
    expect(body).toMatchObject({ status: 'accepted' })
    expect(await statusOf(body.session_id)).toMatchObject({
      status: 200,
      body: { session_id: body.session_id, status: 'processing', service: 'cart', kind: 'deployment', result: null },
    })
    expect((await requestOf(body.session_id))?.value).toMatchObject({
      session_id: body.session_id,
      kind: 'deployment',
      service: 'cart',
      deployment_id: 'd-7',
      severity: 'P1',
      incident_ids: ['inc-1'],
      window_start: Date.parse('2026-01-01T00:00:00Z'),
      requested_by: `${platform.issuer.url}|control-plane`,
      context: { image_tag: 'v2' },
    })
  })
  test('about alerts accepts alerts, incidents or services', async () => {
    const asked = async (body: object) => {
      const { status, body: task } = await ask('control-plane', 'POST', '/api/v1/diagnostics/alerts', { body })
      expect(status).toBe(202)
      return (await requestOf(task.session_id))?.value
    }
    expect(await asked({ alert_ids: ['a-1'] })).toMatchObject({ kind: 'alert', alert_ids: ['a-1'] })
    expect(await asked({ incident_ids: ['i-1'] })).toMatchObject({ kind: 'alert', incident_ids: ['i-1'] })
    const context = { correlation_window: '300' }
    expect(await asked({ affected_services: ['cart'] })).toMatchObject({ kind: 'question', service: 'cart', context })
    expect((await ask('control-plane', 'POST', '/api/v1/diagnostics/alerts', { body: {} })).status).toBe(422)
  })
  test('about alerts may name a suspected deployment without an incident', async () => {
    const body = { affected_services: ['cart'], context: { deployment_id: 'd-9', team: 'shop' } }
    const { status, body: task } = await ask('control-plane', 'POST', '/api/v1/diagnostics/alerts', { body })
    expect(status).toBe(202)
    const { value } = (await requestOf(task.session_id)) ?? {}
    expect(value).toMatchObject({ kind: 'deployment', deployment_id: 'd-9', incident_ids: [] })
    expect(value?.context).toEqual({ team: 'shop', correlation_window: '300' })
  })
  test('passes its request id and trace on to the event', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    const { headers, body } = await diagnose(deployment, { 'x-request-id': 'req-1', traceparent })
    expect(headers['x-request-id']).toBe('req-1')
    expect((await requestOf(body.session_id))?.headers).toMatchObject({ 'x-request-id': 'req-1', traceparent })
  })
  test('replaces a malformed request id or trace', async () => {
    const { headers, body } = await diagnose(deployment, { 'x-request-id': 'a b', traceparent: 'nonsense' })
    expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
    expect((await requestOf(body.session_id))?.headers.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
  })
  test.each([
    ['a missing field', { ...deployment, severity: undefined }, 'body'],
    ['an unknown field', { ...deployment, surprise: 1 }, 'body'],
    ['a name that no database takes', { ...deployment, incident_id: 'a\u0000b' }, 'body.incident_id'],
    ['a number for a text', { ...deployment, incident_id: 7 }, 'body.incident_id'],
    ['an unknown severity', { ...deployment, severity: 'P9' }, 'body.severity'],
    ['a time that is none', { ...deployment, time_range: { start: 'yesterday', end: 'now' } }, 'body.time_range.start'],
    [
      'an empty time range',
      { ...deployment, time_range: { start: '2026-01-02T00:00:00Z', end: '2026-01-01T00:00:00Z' } },
      'time_range',
    ],
  ])('with %s is a validation error that names it', async (_what, body, field) => {
    const answer = await diagnose(body)
    expect(answer).toMatchObject({ status: 422, body: { error: 'VALIDATION_ERROR' } })
    expect(answer.body.details).toEqual(expect.arrayContaining([expect.objectContaining({ field })]))
  })
  test('with a body that is not JSON is an invalid request', async () => {
    const headers = { 'content-type': 'application/json' }
    const answer = await ask('control-plane', 'POST', '/api/v1/diagnostics/deployment', { body: '{', headers })
    expect(answer).toMatchObject({ status: 400, body: { error: 'INVALID_REQUEST' } })
  })
  test.each(['application/xml', 'text/plain', 'text/json', ''])('with the media type "%s" is refused', async (type) => {
    const before = (await requests()).length
    const headers = { 'content-type': type }
    const answer = await ask('control-plane', 'POST', '/api/v1/diagnostics/alerts', { body: 'hello', headers })
    expect(answer).toMatchObject({ status: 415, body: { error: 'INVALID_REQUEST' } })
    expect(await requests()).toHaveLength(before)
  })
  test.each(['deployment', 'alerts', 'capacity'])('about %s without a body says that it is needed', async (what) => {
    for (const headers of [{}, { 'content-type': 'application/json' }])
      expect(await ask('control-plane', 'POST', `/api/v1/diagnostics/${what}`, { headers })).toMatchObject({
        status: 422,
        body: { error: 'VALIDATION_ERROR', details: [{ field: 'body' }] },
      })
  })
  test('with a body over the limit is refused', async () => {
    expect((await diagnose({ ...deployment, incident_id: 'x'.repeat(300_000) })).status).toBe(413)
  })
  test('while the bus is down returns a 503 that can be retried', async () => {
    platform.takeBusAway(true)
    const headers = { 'idempotency-key': uuid() }
    const refused = await diagnose(deployment, headers)
    expect(refused).toMatchObject({ status: 503, body: { error: 'SERVICE_UNAVAILABLE' } })
    expect(refused.headers['retry-after']).toBeDefined()
    platform.takeBusAway(false)
    expect((await diagnose(deployment, headers)).status).toBe(202)
  })
})

describe('an idempotency key', () => {
  test('that is malformed is an invalid request', async () => {
    for (const key of ['', 'k'.repeat(256)])
      expect(await diagnose(deployment, { 'idempotency-key': key })).toMatchObject({
        status: 400,
        body: { error: 'INVALID_REQUEST', details: [{ field: 'headers.idempotency-key' }] },
      })
    expect((await diagnose(deployment, { 'idempotency-key': `${uuid()}${'k'.repeat(219)}` })).status).toBe(202)
  })
  test('returns the same session for the same body, and publishes it once', async () => {
    const headers = { 'idempotency-key': uuid() }
    const first = await diagnose(deployment, headers)
    const before = (await requests()).length
    const again = await diagnose(deployment, headers)
    expect(again.body.session_id).toBe(first.body.session_id)
    expect((await requests()).length).toBe(before)
  })
  test('is a conflict for another body', async () => {
    const headers = { 'idempotency-key': uuid() }
    await diagnose(deployment, headers)
    expect(await diagnose({ ...deployment, severity: 'P2' }, headers)).toMatchObject({
      status: 409,
      body: { error: 'RESOURCE_CONFLICT' },
    })
  })
  test('returns one session for concurrent duplicates', async () => {
    const headers = { 'idempotency-key': uuid() }
    const answers = await Promise.all(Array.from({ length: 8 }, () => diagnose(deployment, headers)))
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([202]))
    const sessions = new Set(answers.map((answer) => answer.body.session_id))
    expect(sessions.size).toBe(1)
    const events = (await requests()).filter(({ value }) => value.session_id === [...sessions][0])
    expect(new Set(events.map(({ value }) => value.event_id)).size).toBe(1)
  })
  test('of one caller does not affect another', async () => {
    const headers = { 'idempotency-key': uuid() }
    const mine = await diagnose(deployment, headers)
    const theirs = await ask('alice', 'POST', '/api/v1/diagnostics/deployment', { body: deployment, headers })
    expect(theirs.status).toBe(202)
    expect(theirs.body.session_id).not.toBe(mine.body.session_id)
  })
})

describe('a session', () => {
  test('shows its result in the requested language', async () => {
    const session = uuid()
    await platform.tell(
      requested(session),
      progressed(session, 60),
      completed(session, { status: 'partial', reason: 'loki failed' }),
    )
    const chinese = await ask('bob', 'GET', `/api/v1/diagnostics/${session}/status`, {
      headers: { 'accept-language': 'zh-TW,zh;q=0.9' },
    })
    expect(chinese).toMatchObject({
      status: 200,
      body: {
        status: 'partial',
        progress: 100,
        error: 'loki failed',
        result: { summary: 'cart 的版本有問題', execution_time: 1.5 },
      },
    })
    expect((await statusOf(session)).body.result).toMatchObject({
      summary: 'a bad version of cart',
      verdict: 'incident',
      root_causes: [{ rank: 1, service: 'cart', explanation: 'deployed just before', evidence: ['e-1'] }],
      ruled_out: [{ service: 'web', reason: 'it follows cart' }],
      suspected_changes: {
        suspects: [
          { change_id: 'c-1', service: 'cart', probability: 0.8, text: 'deployment of cart', evidence: ['e-1'] },
        ],
        none: 0.2,
      },
      usage: null,
    })
  })
  test('that was never requested is not found', async () => {
    expect(await statusOf(uuid())).toMatchObject({ status: 404, body: { error: 'RESOURCE_NOT_FOUND' } })
  })
  test('of another tenant looks unknown, with its evidence, its events and its cancellation', async () => {
    const session = uuid()
    const seen = evidence(session, { tenant: 'other' })
    await platform.tell(requested(session, { tenant: 'other' }), seen)
    const base = `/api/v1/diagnostics/${session}`
    for (const path of ['status', 'events', `evidence/${seen.value.evidence_id}`])
      expect((await ask('root', 'GET', `${base}/${path}`)).status).toBe(404)
    expect((await ask('root', 'DELETE', `/api/v1/sessions/${session}`)).status).toBe(404)
  })
  test('with a malformed id is an invalid request', async () => {
    expect(await statusOf('seven')).toMatchObject({ status: 400, body: { error: 'INVALID_REQUEST' } })
  })
  test('is listed by page, newest first', async () => {
    await platform.tell(
      requested(uuid(), { service: 'pager', occurred_at: 1 }),
      requested(uuid(), { service: 'pager', occurred_at: 2 }),
    )
    const page = await ask('bob', 'GET', '/api/v1/diagnostics/history?service=pager&page_size=1')
    expect(page.body).toMatchObject({
      items: [{ service: 'pager', requested_at: '1970-01-01T00:00:00.002Z', status: 'processing' }],
      pagination: { page: 1, page_size: 1, total: 2, total_pages: 2 },
    })
    const typo = await ask('bob', 'GET', '/api/v1/diagnostics/history?servise=pager&page=1')
    expect(typo).toMatchObject({ status: 400, body: { details: [{ field: 'querystring.servise' }] } })
    for (const query of ['page_size=101', 'service=%00', 'start_time=yesterday'])
      expect((await ask('bob', 'GET', `/api/v1/diagnostics/history?${query}`)).status).toBe(400)
  })
})

describe('cancelling', () => {
  test('a cancellation names who requested it', async () => {
    const { body } = await diagnose()
    const answer = await ask('alice', 'DELETE', `/api/v1/sessions/${body.session_id}`)
    expect(answer.status).toBe(202)
    const cancelled = (await platform.published('DiagnosisCancelRequested')).find(
      ({ value }) => value.session_id === body.session_id,
    )
    expect(cancelled).toMatchObject({
      event: 'DiagnosisCancelRequested',
      value: { session_id: body.session_id, requested_by: `${platform.issuer.url}|alice` },
    })
  })
  test('ignores a content type without a body', async () => {
    const { body } = await diagnose()
    const headers = { 'content-type': 'application/json' }
    expect((await ask('alice', 'DELETE', `/api/v1/sessions/${body.session_id}`, { headers })).status).toBe(202)
  })
  test('with an invalid or too large body is refused', async () => {
    const end = (body: string, type: string) =>
      ask('alice', 'DELETE', `/api/v1/sessions/${uuid()}`, { body, headers: { 'content-type': type } })
    expect((await end('hello', 'text/plain')).status).toBe(415)
    expect((await end(`"${'x'.repeat(300_000)}"`, 'application/json')).status).toBe(413)
  })
  test('a session that has ended is a conflict', async () => {
    const session = uuid()
    await platform.tell(requested(session), completed(session))
    expect((await ask('alice', 'DELETE', `/api/v1/sessions/${session}`)).status).toBe(409)
  })
  test('a session whose action waits for a decision is a conflict, which says who ends it', async () => {
    const [session, approval] = [uuid(), uuid()]
    await platform.tell(requested(session), completed(session), approvalRequested(session, approval))
    expect(await ask('alice', 'DELETE', `/api/v1/sessions/${session}`)).toMatchObject({ status: 409, body: { message: expect.stringContaining('has to reject it') } }) // prettier-ignore
    expect(await ask('alice', 'GET', `/api/v1/approvals/${approval}`)).toMatchObject({ body: { status: 'pending' } })
    const told = (await platform.published('DiagnosisCancelRequested')).map(({ value }) => value.session_id)
    expect(told).not.toContain(session)
  })
  test('an unknown session is not found', async () => {
    expect((await ask('alice', 'DELETE', `/api/v1/sessions/${uuid()}`)).status).toBe(404)
  })
})
