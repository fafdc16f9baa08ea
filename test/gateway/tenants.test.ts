/** Two tenants, on every route of the document: another tenant's data looks unknown. */
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { readDocument } from '../../gateway/document.ts'
import { foldPostmortems } from '../../gateway/views/postmortems.ts'
import { fold, type ViewEvent } from '../../gateway/views/fold.ts'
import { actionHash } from '../../schemas/action-hash.ts'
import { type Belongings, createTenants } from '../../tenants/tenants.ts'
import { TWO_TEAMS } from '../identity/people.ts'
import { type Answer, type Platform, startPlatform } from './platform.ts'
import { actionCompleted, approvalClosed, approvalRequested, completed, detected, foretold, evidence, requested, rollback } from './records.ts' // prettier-ignore

const { operations } = readDocument()
const ids = { session: uuid(), approval: uuid(), evidence: uuid(), postmortem: uuid(), anomaly: uuid(), forecast: uuid() } // prettier-ignore
const NEITHER = ['nil']
let platform: Platform

beforeAll(async () => {
  const tenants = createTenants(
    new Map<string, Belongings>([
      ['shop', { services: ['cart', 'cart-*'] }],
      ['billing', { services: ['invoices'] }],
    ]),
  )
  platform = await startPlatform(
    { tenants, limits: { read: 1000, write: 1000, diagnose: 1000 } },
    { people: TWO_TEAMS },
  )
})
let told: Promise<void> | undefined
beforeEach(() => {
  const shop = { tenant: 'shop' }
  told ??= platform
    .tell(
      requested(ids.session, { ...shop, service: 'cart' }),
      evidence(ids.session, { ...shop, evidence_id: ids.evidence }),
      completed(ids.session, shop),
      approvalRequested(ids.session, ids.approval, shop),
    )
    .then(() => foldPostmortems(platform.pool, [postmortem], []))
    .then(() => fold([detected(ids.anomaly, 0, shop), foretold(ids.forecast, 0, shop)], { pool: platform.pool, readDecision: async () => null })) // prettier-ignore
  return told
})
afterAll(() => platform?.close())

const postmortem = {
  ...{ event_id: uuid(), session_id: null, sequence: 0, tenant: 'shop', occurred_at: 1, postmortem_id: ids.postmortem },
  ...{ incident_ids: [], session_ids: [ids.session], language: null, requested_by: 'ann', context: {} },
}
const ofShop = (told: ViewEvent) => ({ ...told, value: { ...told.value, tenant: 'shop' } }) as ViewEvent
const approve = { decision: 'approved', reason: 'go ahead', action_hash: actionHash(rollback) }
const about = (service: string) => ({
  deployment: {
    incident_id: 'i-1',
    severity: 'P1',
    affected_services: [service],
    context: { deployment_id: 'd-1', service_name: service },
  },
  alerts: { affected_services: [service] },
  capacity: { resource_ids: [service], metric_type: 'cpu' },
  notification: {
    version: '4',
    alerts: [{ status: 'firing', labels: { alertname: 'Slow', service }, startsAt: '2026-03-01T10:00:00Z' }],
  },
})
type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'
interface Case {
  path: string
  body?: unknown
  headers?: Record<string, string>
  own: number
  foreign: number | ((answer: Answer) => void)
}

/** What belongs to the platform, not to a tenant, is the same for all. */
const isOfAll = ({ status, body }: Answer) => {
  expect(status).toBe(200)
  expect(JSON.stringify(body)).not.toMatch(/shop|cart|tenant/)
}

const isEmpty = ({ status, body }: Answer) => {
  expect(status).toBe(200)
  expect(body).toMatchObject({ items: [], pagination: { total: 0 } })
}
const nobodys = ({ status, body }: Answer) => {
  expect(status).toBe(202)
  expect(body).toMatchObject({ sessions: [], started: 0, ignored: 1 })
}
/** An error of a tool is in its result. */
const isErrorOfTool = ({ status, text }: Answer) => {
  expect(status).toBe(200)
  expect(text).toContain('RESOURCE_NOT_FOUND')
}
const ofTool = (name: string, args: object) => ({
  body: { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: args } },
  headers: { accept: 'application/json, text/event-stream' },
})
const session = `/api/v1/diagnostics/${ids.session}`

/** How each operation is tried on the shop's data; a route missing here fails the test below. */
const CASES: Record<string, Case | 'of nobody' | 'followed'> = {
  getHealth: 'of nobody',
  getReadiness: 'of nobody',
  getMetrics: 'of nobody',
  getDecisionKeys: 'of nobody',
  getStatementKeys: 'of nobody',
  getDocument: 'of nobody',
  getDocsPage: 'of nobody',
  getDocsAsset: 'of nobody',
  getMcpResource: 'of nobody',
  diagnoseDeployment: {
    path: '/api/v1/diagnostics/deployment',
    body: about('cart').deployment,
    own: 202,
    foreign: 404,
  },
  diagnoseAlerts: { path: '/api/v1/diagnostics/alerts', body: about('cart').alerts, own: 202, foreign: 404 },
  receiveAlerts: { path: '/api/v1/webhooks/alertmanager', body: about('cart').notification, own: 202, foreign: nobodys }, // prettier-ignore
  // there is no agent: the shop gets a running session
  diagnoseCapacity: { path: '/api/v1/diagnostics/capacity', body: about('cart').capacity, own: 202, foreign: 404 },
  listSessions: { path: '/api/v1/diagnostics/history', own: 200, foreign: isEmpty },
  getSessionStatus: { path: `${session}/status`, own: 200, foreign: 404 },
  streamSessionEvents: { path: `${session}/events`, own: 200, foreign: 404 },
  getEvidence: { path: `${session}/evidence/${ids.evidence}`, own: 200, foreign: 404 },
  listApprovals: { path: '/api/v1/approvals', own: 200, foreign: isEmpty },
  getApproval: { path: `/api/v1/approvals/${ids.approval}`, own: 200, foreign: 404 },
  decideApproval: { path: `/api/v1/approvals/${ids.approval}/decision`, body: approve, own: 200, foreign: 404 },
  listWorkflowTemplates: { path: '/api/v1/workflows/templates', own: 200, foreign: isOfAll },
  getToolStatus: { path: '/api/v1/tools/status', own: 200, foreign: isOfAll },
  requestPostmortem: { path: '/api/v1/postmortems', body: { session_ids: [ids.session] }, own: 202, foreign: 404 },
  listPostmortems: { path: '/api/v1/postmortems', own: 200, foreign: isEmpty },
  getPostmortem: { path: `/api/v1/postmortems/${ids.postmortem}`, own: 200, foreign: 404 },
  // the shop's postmortem has no report yet
  revisePostmortem: { path: `/api/v1/postmortems/${ids.postmortem}`, body: { revision: 1, state: 'reviewed' }, own: 409, foreign: 404 }, // prettier-ignore
  listAnomalies: { path: '/api/v1/anomalies', own: 200, foreign: isEmpty },
  // they do not end: test/gateway/changes.test.ts
  streamAnomalies: 'followed',
  streamForecasts: 'followed',
  getAnomaly: { path: `/api/v1/anomalies/${ids.anomaly}`, own: 200, foreign: 404 },
  expectAnomaly: { path: `/api/v1/anomalies/${ids.anomaly}/expectation`, body: { seconds: 60 }, own: 200, foreign: 404 }, // prettier-ignore
  listForecasts: { path: '/api/v1/forecasts', own: 200, foreign: isEmpty },
  getForecast: { path: `/api/v1/forecasts/${ids.forecast}`, own: 200, foreign: 404 },
  // each tool: test/gateway/mcp.test.ts
  callMcp: { path: '/mcp', ...ofTool('get_diagnosis', { session_id: ids.session }), own: 200, foreign: isErrorOfTool },
  // the shop's diagnosis is old; answers: test/gateway/proposals.test.ts
  proposeAction: { path: `${session}/proposals`, body: { action: 'restart', reason: 'x' }, own: 409, foreign: 404 },
  giveFeedback: { path: `${session}/feedback`, body: { verdict: 'right' }, own: 201, foreign: 404 },
  cancelSession: { path: `/api/v1/sessions/${ids.session}`, own: 409, foreign: 404 },
}

test('every operation of the document is tried with two tenants', () => {
  expect([...operations.keys()].toSorted()).toEqual(Object.keys(CASES).toSorted())
  const open = [...operations.values()].filter(({ scopes }) => scopes === null).map(({ operationId }) => operationId)
  expect(open.toSorted()).toEqual(
    Object.keys(CASES)
      .filter((name) => CASES[name] === 'of nobody')
      .toSorted(),
  )
})

const tried = [...operations.values()].flatMap((operation) => {
  const one = CASES[operation.operationId]
  return one === undefined || typeof one === 'string'
    ? []
    : [[operation.operationId, operation.method as Method, one] as const]
})

/** Operations with tests of their own: decisions, streams, and capacity, which waits for an agent. */
const OF_THEIR_OWN = ['decideApproval', 'streamSessionEvents', 'diagnoseCapacity']

describe.each(tried)('%s', (operationId, method, { path, body, headers = {}, own, foreign }) => {
  const ask = (who: string) => platform.ask(who, method, path, { headers, ...(body === undefined ? {} : { body }) })

  test.each(['ben', ...NEITHER])('finds nothing of the shop for %s', async (who) => {
    const before = await platform.published('DiagnosisRequested')
    const answer = await ask(who)
    if (typeof foreign === 'function') foreign(answer)
    else expect(answer).toMatchObject({ status: foreign, body: { error: 'RESOURCE_NOT_FOUND' } })
    // the response is the same as for unknown data
    expect(answer.text).not.toMatch(/shop|cart|tenant/)
    expect(await platform.published('DiagnosisRequested')).toHaveLength(before.length)
    expect(await platform.published('ApprovalDecided')).toEqual([])
    const asked = await platform.published('PostmortemRequested')
    expect(asked.filter(({ value }) => value.tenant !== 'shop')).toEqual([])
    expect(await platform.published('DiagnosisCancelRequested')).toEqual([])
    expect(await platform.published('ActionProposed')).toEqual([])
  })

  if (!OF_THEIR_OWN.includes(operationId))
    test('finds it for ann of the shop', async () => expect((await ask('ann')).status).toBe(own))
})

describe('a service', () => {
  const ask = (who: string, kind: 'deployment' | 'alerts' | 'capacity', body: unknown) =>
    platform.ask(who, 'POST', `/api/v1/diagnostics/${kind}`, { body })

  test("of another tenant is refused among one's own, wherever it is named", async () => {
    const { deployment } = about('cart')
    const named = [
      { ...deployment, affected_services: ['cart', 'invoices'] },
      { ...deployment, context: { ...deployment.context, service_name: 'invoices' } },
    ]
    for (const body of named) expect((await ask('ann', 'deployment', body)).status).toBe(404)
    expect((await ask('ann', 'alerts', { affected_services: ['cart', 'invoices'] })).status).toBe(404)
    expect((await ask('ann', 'capacity', { resource_ids: ['cart', 'invoices'], metric_type: 'cpu' })).status).toBe(404)
  })

  test("that is unknown is refused in the same words as another tenant's", async () => {
    const told = async (service: string) => {
      const { status, body } = await ask('ben', 'alerts', { affected_services: [service] })
      return { status, error: body.error, message: body.message }
    }
    expect(await told('cart')).toEqual(await told('nobody-runs-this'))
  })

  test("is diagnosed in the token's tenant", async () => {
    const { body } = await ask('ann', 'alerts', { affected_services: ['cart-db'] })
    const asked = (await platform.published('DiagnosisRequested')).find(
      ({ value }) => value.session_id === body.session_id,
    )
    expect(asked?.value).toMatchObject({ tenant: 'shop', affected_services: ['cart-db'] })
  })
})

describe('an alert id', () => {
  test('is refused for a tenant that owns nothing', async () => {
    const answer = await platform.ask('nil', 'POST', '/api/v1/diagnostics/alerts', { body: { alert_ids: ['a-1'] } })
    expect(answer.status).toBe(404)
  })
})

describe('an approval', () => {
  test('cannot be decided once its target belongs to another tenant', async () => {
    const [session, approval] = [uuid(), uuid()]
    const action = { ...rollback, service: 'invoices' }
    await platform.tell(
      requested(session, { tenant: 'shop', service: 'cart' }),
      approvalRequested(session, approval, { tenant: 'shop', action }),
    )
    const { body } = await platform.ask('ann', 'GET', `/api/v1/approvals/${approval}`)
    const answer = await platform.ask('ann', 'POST', `/api/v1/approvals/${approval}/decision`, {
      body: { ...approve, action_hash: body.action_hash },
    })
    expect(answer).toMatchObject({ status: 404, body: { error: 'RESOURCE_NOT_FOUND' } })
  })

  test('of the shop is decided by a person of the shop', async () => {
    const path = `/api/v1/approvals/${ids.approval}/decision`
    expect((await platform.ask('ada', 'POST', path, { body: approve })).status).toBe(200)
    await platform.tell(
      ofShop(approvalClosed(ids.session, ids.approval)),
      ofShop(actionCompleted(ids.session, ids.approval)),
    )
    const stream = await platform.ask('ann', 'GET', `${session}/events`)
    expect(stream.status).toBe(200)
    expect(stream.text).toContain('event: approval')
  })
})

test("events of another tenant under a session's id are not shown in it", async () => {
  const [session, theirs] = [uuid(), uuid()]
  const billing = { tenant: 'billing', occurred_at: 9_999_999_999_999 }
  await platform.tell(
    requested(session, { tenant: 'shop', service: 'cart' }),
    evidence(session, { tenant: 'billing', evidence_id: theirs }),
    completed(session, { ...billing, revision: 9, status: 'failed', summary: { en: 'not yours' } }),
  )
  const base = `/api/v1/diagnostics/${session}`
  expect((await platform.ask('ann', 'GET', `${base}/status`)).body).toMatchObject({
    status: 'processing',
    result: null,
  })
  expect((await platform.ask('ann', 'GET', `${base}/evidence/${theirs}`)).status).toBe(404)
  await platform.tell(completed(session, { tenant: 'shop', summary: { en: 'yours' } }))
  expect((await platform.ask('ann', 'GET', `${base}/status`)).body).toMatchObject({ status: 'completed' })
  const stream = await platform.ask('ann', 'GET', `${base}/events`)
  expect(stream.text).toContain('yours')
  expect(stream.text).not.toMatch(/not yours|tool_call/)
  const history = await platform.ask('ann', 'GET', '/api/v1/diagnostics/history')
  expect(history.text).not.toContain('not yours')
  for (const path of ['status', 'events'])
    expect((await platform.ask('ben', 'GET', `${base}/${path}`)).status).toBe(404)
})

test('a tenant separated by namespace asks within its own, and does not own the name elsewhere', async () => {
  const tenants = createTenants(new Map([['shop', { namespaces: ['shop'] }]]))
  const app = await platform.another({ tenants })
  const ask = async (namespace?: string) =>
    app.inject({
      method: 'POST',
      url: '/api/v1/diagnostics/alerts',
      headers: { authorization: `Bearer ${await platform.tokenOf('ann')}` },
      payload: { affected_services: ['orders'], ...(namespace === undefined ? {} : { context: { namespace } }) },
    })
  expect((await ask('billing')).statusCode).toBe(404)
  const { session_id } = (await ask()).json<{ session_id: string }>()
  const asked = (await platform.published('DiagnosisRequested')).find(({ value }) => value.session_id === session_id)
  expect(asked?.value.namespace).toBe('shop')
  await app.close()
})
