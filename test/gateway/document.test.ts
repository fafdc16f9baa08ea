import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { REST_ROUTES } from '../../gateway/a2a/calls.ts'
import { createChecks } from '../../gateway/checks.ts'
import { type Json, readDocument } from '../../gateway/document.ts'
import type { Gateway } from '../../gateway/gateway.ts'
import { generateTypes } from '../../gateway/generate.ts'
import { foldAnomalies } from '../../gateway/views/anomalies.ts'
import { foldForecasts } from '../../gateway/views/forecasts.ts'
import { createHandlers } from '../../gateway/routes/handlers.ts'
import {
  approvalRequested,
  capacityOf,
  closedLoop,
  completed,
  detected,
  foretold,
  evidence,
  progressed,
  requested,
} from './records.ts'
import { operationAt } from './described.ts'
import { inject, startPlatform } from './platform.ts'
import type { Platform } from './platform.ts'

const document = readDocument()

test('the generated types match the document', async () => {
  const written = readFileSync(join(import.meta.dirname, '../../gateway/api.generated.ts'), 'utf8')
  expect(written, 'run npm run gateway:generate').toBe(await generateTypes(document))
})

/** Schemas closed elsewhere in the document, or meant to be extended. */
const OPEN = ['ResourceCapacity', 'CapacityAnalysisResponse.allOf.1', 'AlertDiagnosticRequest.properties.context']

test('no object may have fields its schema does not name', () => {
  const open = objectsOf(document.schemas, []).filter(
    ({ schema }) => schema.additionalProperties === undefined && schema.unevaluatedProperties === undefined,
  )
  expect(open.map(({ path }) => path)).toEqual(OPEN)
})

describe('the app', () => {
  let platform: Platform
  beforeAll(async () => {
    platform = await startPlatform({ capacityWaitMs: 120_000 })
  })
  afterAll(() => platform.close())

  test("has exactly the document's routes, and those of A2A", () => {
    const printed = platform.app.printRoutes({ commonPrefix: false, includeHooks: false })
    for (const { method, path } of document.operations.values())
      expect(platform.app.hasRoute({ method: method as 'GET', url: path.replace(/\{(\w+)\}/g, ':$1') })).toBe(true)
    // A2A has a specification of its own: the card, JSON-RPC and HTTP+JSON
    expect(leavesOf(printed)).toBe(document.operations.size + 2 + REST_ROUTES.length)
  })
  test("has a handler for exactly the document's operations", () => {
    const handlers = createHandlers({} as Gateway, { document, checks: createChecks() })
    expect(Object.keys(handlers).sort()).toEqual([...document.operations.keys()].sort())
  })
  test('responds to every operation with a documented status and body', async () => {
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

    const [anomaly, over] = [uuid(), uuid()]
    await foldAnomalies(platform.pool, [
      detected(anomaly, 0, { namespace: null }).value,
      detected(over, 1, { phase: 'closed', ending: 'recovered' }).value,
    ])

    const [forecast, freed] = [uuid(), uuid()]
    await foldForecasts(platform.pool, [
      foretold(forecast, 0, { instance: null }).value,
      foretold(freed, 1, { phase: 'closed', ending: 'freed', latest: 1_760_009_000_000 }).value,
    ])

    const s = '/api/v1/diagnostics'
    const deployment = {
      incident_id: 'i',
      severity: 'P1',
      affected_services: [],
      context: { deployment_id: 'd', service_name: 'cart' },
    }
    const hook = '/api/v1/webhooks/alertmanager'
    const firing = { status: 'firing', labels: { service: 'cart' }, startsAt: '2026-03-01T10:00:00Z' }
    const notification = { version: '4', alerts: [firing, { ...firing, startsAt: 'now' }] }
    const decision = { decision: 'approved', reason: 'yes', action_hash: 'f'.repeat(64) }
    const hash = (await platform.ask('bob', 'GET', `/api/v1/approvals/${waiting}`)).body.action_hash
    const asked: [string | null, 'GET' | 'POST' | 'PATCH' | 'DELETE', string, unknown?][] = [
      [null, 'GET', '/api/v1/healthz'],
      [null, 'GET', '/api/v1/readyz'],
      [null, 'GET', '/api/v1/metrics'],
      [null, 'GET', '/.well-known/jwks.json'],
      [null, 'GET', '/.well-known/statement-keys.json'],
      [null, 'GET', '/openapi.json'],
      [null, 'GET', '/.well-known/oauth-protected-resource/mcp'],
      [null, 'POST', '/mcp', {}],
      ['bob', 'POST', '/mcp', []],
      ['bob', 'POST', '/mcp', { jsonrpc: '2.0', id: 1, method: 'initialize' }],
      [null, 'GET', '/docs'],
      [null, 'GET', '/docs/page.css'],
      [null, 'GET', '/docs/start.js'],
      [null, 'GET', '/docs/passwd'],
      ['control-plane', 'POST', `${s}/deployment`, deployment],
      ['control-plane', 'POST', `${s}/deployment`, { ...deployment, severity: 'P7' }],
      ['bob', 'POST', `${s}/deployment`, deployment],
      [null, 'POST', `${s}/deployment`, deployment],
      ['alice', 'POST', `${s}/alerts`, { alert_ids: ['a'] }],
      ['alice', 'POST', hook, notification],
      ['alice', 'POST', hook, { version: '3', alerts: [] }],
      ['bob', 'POST', hook, notification],
      [null, 'POST', hook, notification],
      ['bob', 'GET', `${s}/history?page_size=100`],
      ['bob', 'GET', `${s}/history?page=0`],
      ['bob', 'GET', `${s}/${session}/status`],
      ['bob', 'GET', `${s}/${running}/status`],
      ['bob', 'GET', `${s}/${failed}/status`],
      ['bob', 'GET', `${s}/${uuid()}/status`],
      ['bob', 'GET', `${s}/${failed}/events`],
      ['bob', 'GET', `${s}/${session}/evidence/${seen.value.evidence_id}`],
      ['bob', 'GET', `${s}/${session}/evidence/${uuid()}`],
      ['alice', 'POST', `${s}/${session}/feedback`, { verdict: 'wrong', root_cause: 'the cache' }],
      ['alice', 'POST', `${s}/${running}/feedback`, { verdict: 'right' }],
      ['alice', 'POST', `${s}/${running}/proposals`, { action: 'restart', reason: 'it helped last time' }],
      ['bob', 'GET', `${s}/${session}/status`],
      ['alice', 'DELETE', `/api/v1/sessions/${running}`],
      ['alice', 'DELETE', `/api/v1/sessions/${session}`],
      ['alice', 'POST', '/api/v1/postmortems', { session_ids: [session] }],
      ['alice', 'POST', '/api/v1/postmortems', { session_ids: [uuid()] }],
      ['bob', 'GET', '/api/v1/postmortems'],
      ['bob', 'GET', `/api/v1/postmortems/${uuid()}`],
      ['alice', 'PATCH', `/api/v1/postmortems/${uuid()}`, { revision: 1, notes: 'x' }],
      ['bob', 'GET', '/api/v1/forecasts'],
      ['bob', 'GET', '/api/v1/forecasts?state=ajar'],
      ['bob', 'GET', `/api/v1/forecasts/${forecast}`],
      ['bob', 'GET', `/api/v1/forecasts/${freed}`],
      ['bob', 'GET', `/api/v1/forecasts/${uuid()}`],
      ['bob', 'GET', '/api/v1/forecasts/events?service='],
      ['bob', 'GET', '/api/v1/anomalies/events?service='],
      ['bob', 'GET', '/api/v1/anomalies'],
      ['bob', 'GET', '/api/v1/anomalies?state=ajar'],
      ['bob', 'GET', `/api/v1/anomalies/${anomaly}`],
      ['bob', 'GET', `/api/v1/anomalies/${over}`],
      ['bob', 'GET', `/api/v1/anomalies/${uuid()}`],
      ['alice', 'POST', `/api/v1/anomalies/${anomaly}/expectation`, { seconds: 60, reason: 'load test' }],
      ['alice', 'POST', `/api/v1/anomalies/${uuid()}/expectation`, { seconds: 60 }],
      ['bob', 'GET', `/api/v1/anomalies/${anomaly}`],
      ['bob', 'GET', '/api/v1/tools/status'],
      ['bob', 'GET', '/api/v1/workflows/templates'],
      ['bob', 'GET', '/api/v1/approvals'],
      ['bob', 'GET', `/api/v1/approvals/${approval}`],
      ['bob', 'GET', `/api/v1/approvals/${uuid()}`],
      ['alice', 'POST', `/api/v1/approvals/${waiting}/decision`, decision],
      ['alice', 'POST', `/api/v1/approvals/${waiting}/decision`, { ...decision, action_hash: hash }],
    ]
    // each response is checked where it is requested
    for (const [who, method, url, body] of asked)
      await platform.ask(who, method, url, body === undefined ? {} : { body })
    const elsewhere = ['diagnoseCapacity']
    const operations = asked.map(([, method, url]) => operationAt(method, url)?.operationId)
    expect(new Set([...operations, ...elsewhere])).toEqual(new Set(document.operations.keys()))
  })
  test('waits for a capacity', async () => {
    const ask = (resource: string) =>
      platform.ask('alice', 'POST', '/api/v1/diagnostics/capacity', {
        body: { resource_ids: [resource], metric_type: 'memory' },
      })
    const sessionOf = (resource: string) =>
      vi.waitUntil(
        async () =>
          (await platform.published('DiagnosisRequested')).find(({ value }) => value.service === resource)?.value
            .session_id,
        { timeout: 60_000, interval: 50 },
      )
    const [told, refused] = ['told', 'refused'].map(ask)
    const result = completed(await sessionOf('told'), { capacity: [capacityOf('told')] })
    const failure = { status: 'failed', reason: 'no_history: nothing', capacity: null }
    await platform.tell(result, completed(await sessionOf('refused'), failure))
    const answers = await Promise.all([told, refused])
    expect(answers.map((answer) => answer?.status)).toEqual([200, 404])
  })
  test('returns the session if the result takes longer than a request may', async () => {
    const gateway = await platform.another({ capacityWaitMs: 100 })
    const headers = { authorization: `Bearer ${await platform.tokenOf('alice')}` }
    const payload = { resource_ids: ['never'], metric_type: 'memory' }
    const answer = await inject(gateway, { method: 'POST', url: '/api/v1/diagnostics/capacity', headers, payload })
    expect(answer).toMatchObject({ status: 202, body: { session_id: expect.any(String), status: 'processing' } })
    await gateway.close()
  })
  test('responds to an unknown path, method or URL with a coded error', async () => {
    expect(await platform.ask(null, 'GET', '/api/v1/agents')).toMatchObject({
      status: 404,
      body: { error: 'RESOURCE_NOT_FOUND' },
    })
    expect(await platform.ask(null, 'DELETE', '/api/v1/healthz')).toMatchObject({
      status: 405,
      headers: { allow: 'GET' },
    })
    for (const id of ['%E0%A4%A', 'x'.repeat(200)])
      expect(await platform.ask(null, 'GET', `/api/v1/approvals/${id}`)).toMatchObject({
        status: 400,
        body: { error: 'INVALID_REQUEST' },
      })
  })
  test('sets security headers for browsers', async () => {
    const { headers } = await platform.ask(null, 'GET', '/api/v1/healthz')
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'x-frame-options': 'SAMEORIGIN' })
    expect(headers['content-security-policy']).toBeDefined()
    expect(headers).not.toHaveProperty('x-powered-by')
  })
  test('is not ready while the bus is down', async () => {
    expect(await platform.ask(null, 'GET', '/api/v1/readyz')).toMatchObject({ status: 200, body: { ready: true } })
    platform.takeBusAway(true)
    const ask = () => platform.ask(null, 'GET', '/api/v1/readyz')
    await expect.poll(ask, { timeout: 60_000, interval: 100 }).toMatchObject({
      status: 503,
      body: { ready: false, checks: { postgres: true, bus: false } },
    })
    platform.takeBusAway(false)
  })
})

/** Every schema with properties, and its path. */
function objectsOf(schema: unknown, path: readonly string[]): { path: string; schema: Json }[] {
  if (typeof schema !== 'object' || schema === null) return []
  const named = 'properties' in schema && path.at(-1) !== 'properties'
  const below = Object.entries(schema).flatMap(([name, part]) => objectsOf(part, [...path, name]))
  return named ? [{ path: path.join('.'), schema: schema as Json }, ...below] : below
}

/** Number of routes in a printed router. */
const leavesOf = (printed: string): number =>
  [...printed.matchAll(/\(([A-Z, ]+)\)/g)].reduce((sum, [, methods]) => sum + String(methods).split(', ').length, 0)
