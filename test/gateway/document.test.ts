import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { readDocument } from '../../gateway/document.ts'
import { generateTypes } from '../../gateway/generate.ts'
import { createHandlers } from '../../gateway/routes/handlers.ts'
import { approvalRequested, capacityOf, closedLoop, completed, evidence, progressed, requested } from './records.ts'
import { startPlatform } from './platform.ts'
import type { Answer, Platform } from './platform.ts'

const document = readDocument()

test('the generated types are those of the document', async () => {
  const written = readFileSync(join(import.meta.dirname, '../../gateway/api.generated.ts'), 'utf8')
  expect(written, 'run npm run gateway:generate').toBe(await generateTypes(document))
})

describe('the app', () => {
  let platform: Platform
  beforeAll(async () => {
    platform = await startPlatform()
  })
  afterAll(() => platform.close())

  test('has the routes of the document and no other', () => {
    const printed = platform.app.printRoutes({ commonPrefix: false, includeHooks: false })
    for (const { method, path } of document.operations.values())
      expect(platform.app.hasRoute({ method: method as 'GET', url: path.replace(/\{(\w+)\}/g, ':$1') })).toBe(true)
    expect(leavesOf(printed)).toBe(document.operations.size)
  })
  test('has a handler for every operation and for nothing else', () => {
    const handlers = createHandlers({} as Parameters<typeof createHandlers>[0])
    expect(Object.keys(handlers).sort()).toEqual([...document.operations.keys()].sort())
  })
  test('answers every operation with a status and a body of the document', async () => {
    const session = uuid()
    const approval = uuid()
    const waiting = uuid()
    const seen = evidence(session, { downsampled: false })
    await platform.tell(
      ...closedLoop(session, approval),
      seen,
      approvalRequested(session, waiting),
      requested(uuid(), { service: null }),
    )
    const running = uuid()
    await platform.tell(requested(running), progressed(running, 5))
    const failed = uuid()
    const nothing = { verdict: null, onset: null, root_causes: [], findings: [], status: 'failed', reason: 'gone' }
    await platform.tell(requested(failed), completed(failed, nothing))

    const s = '/api/v1/diagnostics'
    const deployment = {
      incident_id: 'i',
      severity: 'P1',
      affected_services: [],
      context: { deployment_id: 'd', service_name: 'cart' },
    }
    const decision = { decision: 'approved', reason: 'yes', action_hash: 'f'.repeat(64) }
    const hash = (await platform.ask('bob', 'GET', `/api/v1/approvals/${waiting}`)).body.action_hash
    const asked: [string, string | null, 'GET' | 'POST' | 'DELETE', string, unknown?][] = [
      ['getHealth', null, 'GET', '/api/v1/healthz'],
      ['getReadiness', null, 'GET', '/api/v1/readyz'],
      ['getMetrics', null, 'GET', '/api/v1/metrics'],
      ['getDecisionKeys', null, 'GET', '/.well-known/jwks.json'],
      ['diagnoseDeployment', 'control-plane', 'POST', `${s}/deployment`, deployment],
      ['diagnoseDeployment', 'control-plane', 'POST', `${s}/deployment`, { ...deployment, severity: 'P7' }],
      ['diagnoseDeployment', 'bob', 'POST', `${s}/deployment`, deployment],
      ['diagnoseDeployment', null, 'POST', `${s}/deployment`, deployment],
      ['diagnoseAlerts', 'alice', 'POST', `${s}/alerts`, { alert_ids: ['a'] }],
      ['listSessions', 'bob', 'GET', `${s}/history?page_size=100`],
      ['listSessions', 'bob', 'GET', `${s}/history?page=0`],
      ['getSessionStatus', 'bob', 'GET', `${s}/${session}/status`],
      ['getSessionStatus', 'bob', 'GET', `${s}/${running}/status`],
      ['getSessionStatus', 'bob', 'GET', `${s}/${failed}/status`],
      ['getSessionStatus', 'bob', 'GET', `${s}/${uuid()}/status`],
      ['streamSessionEvents', 'bob', 'GET', `${s}/${failed}/events`],
      ['getEvidence', 'bob', 'GET', `${s}/${session}/evidence/${seen.value.evidence_id}`],
      ['getEvidence', 'bob', 'GET', `${s}/${session}/evidence/${uuid()}`],
      ['cancelSession', 'alice', 'DELETE', `/api/v1/sessions/${running}`],
      ['cancelSession', 'alice', 'DELETE', `/api/v1/sessions/${session}`],
      ['listApprovals', 'bob', 'GET', '/api/v1/approvals'],
      ['getApproval', 'bob', 'GET', `/api/v1/approvals/${approval}`],
      ['getApproval', 'bob', 'GET', `/api/v1/approvals/${uuid()}`],
      ['decideApproval', 'alice', 'POST', `/api/v1/approvals/${waiting}/decision`, decision],
      ['decideApproval', 'alice', 'POST', `/api/v1/approvals/${waiting}/decision`, { ...decision, action_hash: hash }],
    ]
    for (const [operation, who, method, url, body] of asked)
      expectDescribed(operation, await platform.ask(who, method, url, body === undefined ? {} : { body }))
    const elsewhere = ['diagnoseCapacity']
    expect(new Set([...asked.map(([operation]) => operation), ...elsewhere])).toEqual(
      new Set(document.operations.keys()),
    )
  })
  test('waits for a capacity, and gives the session where that takes longer than a request may', async () => {
    const ask = (resource: string) =>
      platform.ask('alice', 'POST', '/api/v1/diagnostics/capacity', {
        body: { resource_ids: [resource], metric_type: 'memory' },
      })
    const sessionOf = (resource: string) =>
      vi.waitUntil(
        async () =>
          (await platform.published('DiagnosisRequested')).find(({ value }) => value.service === resource)?.value
            .session_id,
        { timeout: 10_000, interval: 50 },
      )
    const [never, told, refused] = ['never', 'told', 'refused'].map(ask)
    const result = completed(await sessionOf('told'), { capacity: [capacityOf('told')] })
    const failure = { status: 'failed', reason: 'no_history: nothing', capacity: null }
    await platform.tell(result, completed(await sessionOf('refused'), failure))
    const answers = await Promise.all([told, refused, never])
    expect(answers.map((answer) => answer?.status)).toEqual([200, 404, 202])
    for (const answer of answers) expectDescribed('diagnoseCapacity', answer as Answer)
  })
  test('answers a path, a method and a URL it does not know with a coded error', async () => {
    expect(await platform.ask(null, 'GET', '/api/v1/agents')).toMatchObject({
      status: 404,
      body: { error: 'RESOURCE_NOT_FOUND' },
    })
    expect(await platform.ask(null, 'DELETE', '/api/v1/healthz')).toMatchObject({ status: 404 })
    expect(await platform.ask(null, 'GET', '/api/v1/approvals/%E0%A4%A')).toMatchObject({
      body: { error: 'INVALID_REQUEST' },
    })
  })
  test('tells browsers to keep to themselves', async () => {
    const { headers } = await platform.ask(null, 'GET', '/api/v1/healthz')
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'x-frame-options': 'SAMEORIGIN' })
    expect(headers['content-security-policy']).toBeDefined()
    expect(headers).not.toHaveProperty('x-powered-by')
  })
  test('is not ready while the bus is away', async () => {
    expect(await platform.ask(null, 'GET', '/api/v1/readyz')).toMatchObject({ status: 200, body: { ready: true } })
    platform.takeBusAway(true)
    expect(await platform.ask(null, 'GET', '/api/v1/readyz')).toMatchObject({
      status: 503,
      body: { ready: false, checks: { postgres: true, bus: false } },
    })
    platform.takeBusAway(false)
  })
})

/** How many method-and-path leaves a printed router has. */
const leavesOf = (printed: string): number =>
  [...printed.matchAll(/\(([A-Z, ]+)\)/g)].reduce((sum, [, methods]) => sum + String(methods).split(', ').length, 0)

const ajv = new Ajv2020({ strict: false, allErrors: true })
formats.default(ajv)
ajv.addSchema({ $id: 'api', ...document.specification })

/** The status is named by the operation, and the body is exactly as described: the schemas allow no other field. */
function expectDescribed(operation: string, { status, headers, body }: Answer): void {
  const content = document.operations.get(operation)?.responses[status]
  expect(content, `${operation} answers ${status}, which the document does not name`).toBeDefined()
  const type = String(headers['content-type']).split(';')[0] ?? ''
  const schema = content?.[type]
  expect(schema, `${operation} ${status} answers ${type}`).toBeDefined()
  if (type !== 'application/json') return
  const pointed = JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"api#/'))
  const valid = ajv.validate(pointed, body)
  expect(valid ? [] : ajv.errors, `${operation} ${status}`).toEqual([])
}
