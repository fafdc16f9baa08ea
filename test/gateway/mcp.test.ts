/** MCP at the gateway, with the official client: the tools over HTTP, in both eras of the protocol, for two tenants. */
import { extractWWWAuthenticateParams } from '@modelcontextprotocol/client'
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { writeReport } from '../../agents/postmortem/write-report.ts'
import { ANSWER_TOKENS } from '../../gateway/mcp/pages.ts'
import { INSTRUCTIONS } from '../../gateway/mcp/texts.ts'
import { countTokens } from '../../gateway/mcp/tokens.ts'
import { DEFINITIONS } from '../../gateway/mcp/tools.ts'
import { foldPostmortems } from '../../gateway/views/postmortems.ts'
import { facts } from '../postmortem/facts.ts'
import { until } from '../runtime/counting.ts'
import { connectTo, dataOf, type Era, overHttp, pagesOf } from './mcp-client.ts'
import { HOSTILE, LIST, openShop, SERIES, type Shop } from './mcp-shop.ts'
import { sessionsByMcp } from './mcp-sessions.ts'
import { approvalRequested, completed, evidence, requested } from './records.ts'

const ids = { session: uuid(), approval: uuid(), evidence: uuid(), large: uuid() }

let shop: Shop
let platform: Shop['platform']
let told: Promise<void> | undefined
const as: Shop['as'] = (...args) => shop.as(...args)
beforeAll(async () => {
  shop = await openShop()
  platform = shop.platform
}, 180_000)
beforeEach(() => {
  const tenant = { tenant: 'shop' }
  told ??= platform.tell(
    requested(ids.session, { ...tenant, service: 'cart', incident_ids: ['INC-1'] }),
    evidence(ids.session, { ...tenant, evidence_id: ids.evidence, summary: HOSTILE }),
    evidence(ids.session, { ...tenant, evidence_id: ids.large, data: JSON.stringify({ series: SERIES }) }),
    completed(ids.session, tenant),
    approvalRequested(ids.session, ids.approval, tenant),
  )
  return told
})
afterAll(() => shop?.close())

describe.each<Era>(['2026-07-28', 'legacy'])('a client of %s', (era) => {
  test('finds the tools and reads a diagnosis, its evidence, its approvals and the health of its service', async () => {
    const { client, call } = await as('ann', era)
    expect(client.getInstructions()).toBe(INSTRUCTIONS)
    const { tools } = await client.listTools()
    expect(tools.map(({ name }) => name)).toEqual(['diagnose', 'get_diagnosis', 'read_evidence', 'similar_incidents', 'service_health', 'open_approvals', 'propose_action', 'postmortem']) // prettier-ignore
    const diagnosis = await call('get_diagnosis', { session_id: ids.session })
    expect(JSON.parse(dataOf(diagnosis))).toMatchObject({
      ...{ session_id: ids.session, status: 'awaiting_approval', approvals: [ids.approval] },
      result: { verdict: 'incident', root_causes: [{ service: 'cart', evidence: ['e-1'] }] },
    })
    const listed = JSON.parse(dataOf(await call('read_evidence', { session_id: ids.session })))
    expect(listed).toMatchObject([{ evidence_id: ids.evidence, summary: HOSTILE }, { evidence_id: ids.large }])
    const approvals = await call('open_approvals')
    expect(approvals).toContain('Only a person decides')
    expect(JSON.parse(dataOf(approvals))).toMatchObject([{ approval_id: ids.approval, action: { type: 'rollback' } }])
    expect(JSON.parse(dataOf(await call('service_health', { service: 'cart' })))).toMatchObject({
      ...{ diagnoses: [{ session_id: ids.session }], open_approvals: [{ approval_id: ids.approval }], all_open_approvals: 1 }, // prettier-ignore
    })
  })
})

describe('sessions', () => sessionsByMcp(() => shop))

describe('a postmortem', () => {
  test('is requested, waited for, and read again in pages', async () => {
    const { call, fail } = await as('ann')
    const answer = call('postmortem', { incident_ids: ['INC-1'] })
    const { value } = await until(60_000, 'the request is published', async () =>
      (await platform.published('PostmortemRequested')).at(0),
    )
    const { postmortem_id, session_ids, incident_ids, tenant } = value
    const result = {
      ...{ event_id: uuid(), session_id: null, sequence: 0, tenant, occurred_at: 2, postmortem_id, session_ids },
      ...{ incident_ids, revision: 1, run_id: 'r', handler_version: '1', status: 'completed', reason: null },
      ...{ title: { en: 'cart' }, summary: { en: 'slow' }, language: null, requested_at: 1, execution_ms: 1 },
      report: JSON.stringify(writeReport(facts({ postmortemId: postmortem_id }))),
    }
    await foldPostmortems(platform.pool, [], [result])
    expect(await answer).toMatch(`Postmortem ${postmortem_id}.`)
    for (const language of ['en', 'zh-TW']) {
      const pages = await pagesOf(await as('ann'), await call('postmortem', { postmortem_id, language }))
      const markdown = await platform.ask('ann', 'GET', `/api/v1/postmortems/${postmortem_id}?format=md`, { headers: { 'accept-language': language } }) // prettier-ignore
      expect(pages.map(dataOf).join(''), language).toBe(markdown.text)
    }
    expect(await fail('postmortem', { session_ids: [ids.session], cursor: '1-0123456789ab' })).toMatchObject({ error: 'VALIDATION_ERROR' }) // prettier-ignore
  })
})

describe('an answer', () => {
  test('delimits what came from outside, with characters that nobody sees escaped', async () => {
    const { call } = await as('ann')
    const ask = () => call('read_evidence', { session_id: ids.session, evidence_id: ids.evidence })
    const [one, other] = [await ask(), await ask()]
    expect(one).not.toMatch(/[\u001b\u202e\u200b]/)
    expect(JSON.parse(dataOf(one))).toMatchObject({ evidence_id: ids.evidence, summary: HOSTILE })
    // what was recorded cannot know the delimiter of an answer
    expect(one.match(/<data-\w+>/)?.[0]).not.toBe(other.match(/<data-\w+>/)?.[0])
  })

  test('has pages below its ceiling, which together are the whole', async () => {
    const ann = await as('ann')
    const args = { session_id: ids.session, evidence_id: ids.large }
    const pages = await pagesOf(ann, await ann.call('read_evidence', args))
    expect(pages.length).toBeGreaterThan(3)
    expect(Math.max(...pages.map(countTokens))).toBeLessThanOrEqual(ANSWER_TOKENS)
    expect(JSON.parse(pages.map(dataOf).join(''))).toMatchObject({ data: { series: SERIES } })
    const cut = await ann.client.readResource({ uri: `sre://sessions/${ids.session}/evidence/${ids.large}` })
    const [content] = cut.contents
    if (content === undefined || !('text' in content)) throw new Error('no text')
    expect(countTokens(content.text)).toBeLessThanOrEqual(ANSWER_TOKENS)
    expect(dataOf(content.text)).toBe(dataOf(pages[0]!))
    expect((await pagesOf(ann, content.text)).map(dataOf).join('')).toBe(pages.map(dataOf).join(''))
  })

  test('refuses a cursor of another answer, and one that is none', async () => {
    const { call, fail } = await as('ann')
    const first = await call('read_evidence', { session_id: ids.session, evidence_id: ids.large })
    const cursor = /"cursor":"([^"]+)"/.exec(first)?.[1]
    expect(await fail('get_diagnosis', { session_id: ids.session, cursor })).toMatchObject({
      ...{ error: 'RESOURCE_CONFLICT', message: expect.stringContaining('without cursor') },
    })
    expect(await fail('get_diagnosis', { session_id: ids.session, cursor: '7' })).toMatchObject({
      ...{ error: 'VALIDATION_ERROR', details: [{ field: 'cursor' }], next: expect.stringContaining('details') },
    })
  })
})

describe('resources', () => {
  test('are the newest sessions, and a session and its evidence by their ids', async () => {
    const { client } = await as('ann')
    const { resources } = await client.listResources()
    expect(resources.map(({ uri }) => uri)).toContain(`sre://sessions/${ids.session}`)
    const { resourceTemplates } = await client.listResourceTemplates()
    expect(resourceTemplates.map(({ uriTemplate }) => uriTemplate)).toEqual([
      'sre://sessions/{session_id}',
      'sre://sessions/{session_id}/evidence/{evidence_id}',
    ])
    const { contents } = await client.readResource({ uri: `sre://sessions/${ids.session}` })
    expect(contents).toMatchObject([{ text: expect.stringContaining(ids.approval) }])
  })
})

describe("another tenant's ids", () => {
  test('do not exist', async () => {
    const { client, call, fail } = await as('ben')
    const missing = { error: 'RESOURCE_NOT_FOUND', request_id: expect.any(String), next: expect.stringContaining('check the id') } // prettier-ignore
    const { session: session_id, evidence: evidence_id } = ids
    expect(await fail('get_diagnosis', { session_id })).toMatchObject(missing)
    expect(await fail('read_evidence', { session_id })).toMatchObject(missing)
    expect(await fail('similar_incidents', { session_id })).toMatchObject(missing)
    expect(await fail('read_evidence', { session_id, evidence_id })).toMatchObject(missing)
    expect(await fail('diagnose', { services: ['cart'] })).toMatchObject(missing)
    expect(await fail('propose_action', { session_id, action: 'restart', reason: 'x' })).toMatchObject(missing)
    expect(await fail('postmortem', { session_ids: [session_id] })).toMatchObject(missing)
    expect(await fail('postmortem', { postmortem_id: uuid() })).toMatchObject(missing)
    expect(JSON.parse(dataOf(await call('open_approvals')))).toEqual([])
    expect(JSON.parse(dataOf(await call('service_health', { service: 'cart' })))).toMatchObject({ diagnoses: [], open_approvals: [] }) // prettier-ignore
    expect((await client.listResources()).resources).toEqual([])
    for (const uri of [`sre://sessions/${session_id}`, `sre://sessions/${session_id}/evidence/${evidence_id}`])
      await expect(client.readResource({ uri })).rejects.toMatchObject({ code: -32602, data: missing })
  })
})

describe('a decision', () => {
  test('comes of no call, not even by a person who may decide', async () => {
    const { client } = await as('ada')
    const decision = { approval_id: ids.approval, decision: 'approved', reason: 'go ahead' }
    for (const { name } of DEFINITIONS) await client.callTool({ name, arguments: { ...decision } })
    for (const name of ['approve', 'decide', 'decideApproval', 'reject'])
      await expect(client.callTool({ name, arguments: decision })).rejects.toMatchObject({ code: -32602 })
    expect(await platform.published('ApprovalDecided')).toEqual([])
    expect(await platform.ask('ada', 'GET', `/api/v1/approvals/${ids.approval}`)).toMatchObject({ body: { status: 'pending' } }) // prettier-ignore
  })
})

describe('bad input', () => {
  const session_id = 'not-an-id'
  test.each<[string, string, Record<string, unknown>, unknown[]]>([
    ['an id that is none', 'get_diagnosis', { session_id }, [{ field: 'params.session_id' }]],
    ['a missing argument', 'get_diagnosis', {}, [{ field: 'session_id' }]],
    ['a wrong type', 'service_health', { service: ['cart'] }, [{ field: 'service' }]],
    ['an unknown argument', 'open_approvals', { approve: true }, [{ message: expect.stringContaining('approve') }]],
    ['a name with a line break', 'service_health', { service: 'a\nb' }, [{ field: 'querystring.service' }]],
    ['101 services', 'diagnose', { services: Array(101).fill('cart') }, [{ field: 'body.affected_services' }]],
    ['years', 'diagnose', { services: ['cart'], minutes: 1e9 }, [{ field: 'minutes' }]],
    ['an end without a start', 'diagnose', { services: ['cart'], end: 'yesterday' }, [{ field: 'minutes' }]],
  ])('%s is refused by field', async (_what, name, args, details) => {
    const { fail } = await as('ann')
    expect(await fail(name, args)).toMatchObject({
      ...{ error: expect.stringMatching(/^(VALIDATION_ERROR|INVALID_REQUEST)$/), details, next: expect.any(String) },
    })
  })

  test('a question about nothing, and a report of nothing, say what to name', async () => {
    const { fail } = await as('ann')
    expect(await fail('diagnose')).toMatchObject({ message: expect.stringContaining('name a service') })
    expect(await fail('postmortem')).toMatchObject({ message: expect.stringContaining('name sessions or incidents') })
  })

  test('a resource or tool there is not names those there are', async () => {
    const { client } = await as('ann')
    await expect(client.callTool({ name: 'restart' })).rejects.toMatchObject({ message: expect.stringContaining('open_approvals') }) // prettier-ignore
    for (const uri of ['sre://approvals/1', 'file:///etc/passwd', `sre://sessions/${'x'.repeat(100)}`])
      await expect(client.readResource({ uri })).rejects.toMatchObject({ code: -32602 })
  })

  test('what is no message, or one of another protocol, gets a coded refusal', async () => {
    const headers = await shop.bearer('ann')
    const { 'mcp-method': _, ...bare } = { 'mcp-method': '', ...headers }
    const refused: [unknown, Record<string, string>, number][] = [
      ['{', headers, 400],
      ['[]', headers, 422],
      [LIST, { ...headers, 'content-type': 'text/plain' }, 415],
      [{ ...LIST, params: { filler: 'x'.repeat(300_000) } }, headers, 413],
      [{ method: 'tools/list' }, headers, 422],
      [{ jsonrpc: '2.0', id: 1, result: {} }, headers, 422],
      [LIST, { ...bare, 'mcp-protocol-version': '1999-01-01' }, 400],
      [LIST, { ...headers, origin: 'https://example.com' }, 403],
    ]
    for (const [body, given, status] of refused) {
      const answer = await shop.post(body, given)
      expect(answer.status, JSON.stringify(body).slice(0, 80)).toBe(status)
      expect(await answer.json()).toMatchObject({ error: expect.anything() })
    }
    expect((await shop.post(null, headers, 'GET')).status).toBe(405)
    expect((await shop.post(null, headers, 'DELETE')).status).toBe(405)
  })

  test('a stream of changes is refused: there is none', async () => {
    const { client } = await as('ann')
    await expect(client.listen({ toolsListChanged: true })).rejects.toThrow()
  })
})

describe('a token', () => {
  const metadata = () => new URL('/.well-known/oauth-protected-resource/mcp', shop.url)
  test('that is missing or wrong gets 401, with where to get one', async () => {
    for (const headers of [{}, { authorization: 'Bearer x' }]) {
      const answer = await shop.post(LIST, headers)
      expect(answer.status).toBe(401)
      expect(extractWWWAuthenticateParams(answer)).toMatchObject({
        ...{ resourceMetadataUrl: metadata(), scope: 'sre-platform:read sre-platform:diagnose' },
      })
      expect(await answer.json()).toMatchObject({ error: 'AUTHENTICATION_FAILED' })
    }
    expect(await (await fetch(metadata())).json()).toMatchObject({
      ...{ resource: `${shop.url}/mcp`, authorization_servers: [platform.issuer.url] },
    })
  })

  test('without the scope of a tool reads, and starts nothing', async () => {
    const token = () => platform.tokenOf('ann', 'openid sre-platform:read')
    const reader = await connectTo(overHttp(shop.url, token))
    expect(await reader.call('service_health', { service: 'cart' })).toContain(ids.session)
    expect(await reader.fail('diagnose', { services: ['cart'] })).toMatchObject({
      ...{ error: 'INSUFFICIENT_PERMISSIONS', next: expect.stringContaining('do not call again') },
    })
    await reader.client.close()
  })

  test('counts against the limits of the operations behind the tools, and gets 401 when it has expired', async () => {
    let late = 0
    const limited = await platform.another({
      ...{ limits: { ...platform.options.limits, read: 3, diagnose: 1 }, publicUrl: 'https://sre.example.com/' },
      now: () => Date.now() + late,
    })
    const headers = { ...(await shop.bearer('bea')), 'content-type': 'application/json', accept: 'application/json, text/event-stream' } // prettier-ignore
    const send = (path: string, payload: object) => limited.inject({ method: 'POST', url: path, headers, payload })
    const call = (name: string, args: object) => send('/mcp', { ...LIST, method: 'tools/call', params: { name, arguments: args } }) // prettier-ignore
    expect((await call('diagnose', { services: ['nobody'] })).statusCode).toBe(200)
    expect((await call('diagnose', { services: ['nobody'] })).statusCode).toBe(429)
    expect((await send('/api/v1/diagnostics/alerts', { affected_services: ['invoices'] })).statusCode).toBe(429)
    expect((await call('open_approvals', {})).statusCode).toBe(200)
    expect((await call('no_tool', {})).statusCode).toBe(200)
    expect((await send('/mcp', LIST)).statusCode).toBe(200)
    const refused = await call('open_approvals', {})
    expect(refused).toMatchObject({ statusCode: 429, headers: { 'retry-after': expect.anything() } })
    expect(refused.json()).toMatchObject({ error: 'RATE_LIMITED', message: expect.stringContaining('retry in') })
    late = 3_600_000
    expect((await send('/mcp', LIST)).headers['www-authenticate']).toBe(
      'Bearer realm="sre-platform", error="invalid_token", scope="sre-platform:read sre-platform:diagnose", ' +
        'resource_metadata="https://sre.example.com/.well-known/oauth-protected-resource/mcp"',
    )
    await limited.close()
  })
})
