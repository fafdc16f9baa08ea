/** Deployments of GitHub become changes on the bus. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { noMapping } from '../../connect/mapping.ts'
import { createTenants } from '../../tenants/tenants.ts'
import { startPrivatePostgres } from '../servers/postgres.ts'
import { type Deployed, deploymentStatus, ping, signed } from './bodies.ts'
import { type Receiving, receiving, SECRET } from './receiving.ts'

let github: Receiving
beforeAll(async () => {
  const mapping = { ...noMapping, services: { 'octo-org/shop-web': 'frontend' }, namespaces: { production: 'shop' } }
  github = await receiving('github', { mapping: { ...mapping, environments: ['production'] } })
}, 60_000)
afterAll(() => github?.close())

function deliver(given: Deployed | string, event = 'deployment_status', signature?: string) {
  const body = typeof given === 'string' ? given : JSON.stringify(deploymentStatus(given))
  return github.post(body, {
    'x-github-event': event,
    'x-github-delivery': '72d3162e-cc78-11e3-81ab-4c9367dc0958',
    'x-hub-signature-256': signature ?? signed(body, SECRET),
  })
}

it('records a started deployment with author, release and time', async () => {
  const answer = await deliver({ state: 'in_progress' })
  const id = 'github/octo-org/cart/deployments/145988746'
  expect(answer).toMatchObject({ status: 202, body: { recorded: true, change_id: id } })
  const [change] = await github.published()
  expect(change).toMatchObject({
    ...{ change_id: id, service: 'cart', namespace: 'shop', type: 'DEPLOYMENT', author: 'carol', tenant: 'default' },
    ...{ occurred_at: Date.parse('2026-11-29T20:00:05Z'), deployment_id: '145988746' },
    summary: 'octo-org/cart v1.5.0 (a10867b) to production: in_progress; release 1.5.0',
  })
  expect(JSON.stringify(change)).not.toContain('not-for-the-bus')
})

it('gives a redelivery the same event id, and another status of the deployment another', async () => {
  await deliver({ state: 'in_progress' })
  await deliver({ state: 'success', status: 209916255, at: '2026-11-29T20:03:00Z' })
  const ids = (await github.published()).map(({ event_id }) => event_id)
  expect(ids).toHaveLength(3)
  expect(new Set(ids).size).toBe(2)
})

it('maps the repository to a service', async () => {
  await deliver({ state: 'success', repository: 'octo-org/shop-web', deployment: 7 })
  expect((await github.published()).at(-1)).toMatchObject({ service: 'frontend' })
})

it.each([
  ['a queued deployment', { state: 'queued' }, 'deployment_status'],
  ['a replaced deployment', { state: 'inactive' }, 'deployment_status'],
  ['another environment', { state: 'success', environment: 'staging' }, 'deployment_status'],
  ['a deployment that was only requested', { state: 'success' }, 'deployment'],
  ['a ping', JSON.stringify(ping), 'ping'],
  ['an unknown event', '{"action":"opened"}', 'pull_request'],
])('accepts %s, counts it and records nothing', async (_what, body, event) => {
  const [before, ignored] = [(await github.published()).length, await github.count('github', 'ignored')]
  expect(await deliver(body, event)).toMatchObject({ status: 202, body: { recorded: false } })
  expect(await github.published()).toHaveLength(before)
  expect(await github.count('github', 'ignored')).toBe(ignored + 1)
})

it.each([
  ['no signature', ''],
  ['a signature under another secret', signed(JSON.stringify(deploymentStatus({ state: 'success' })), 'guessed')],
  ['the signature of another body', signed('{}', SECRET)],
  ['SHA-1', 'sha1=0000000000000000000000000000000000000000'],
])('refuses %s with 401', async (_what, signature) => {
  const before = (await github.published()).length
  const answer = await deliver({ state: 'success' }, 'deployment_status', signature)
  expect(answer).toMatchObject({ status: 401, body: { error: 'AUTHENTICATION_FAILED' } })
  expect(await github.published()).toHaveLength(before)
})

it('checks the signature over the bytes as they were sent', async () => {
  const body = JSON.stringify(deploymentStatus({ state: 'success', deployment: 99 }), null, 4)
  expect(await deliver(body)).toMatchObject({ status: 202, body: { recorded: true } })
})

it('names the fields that are wrong, but not their values', async () => {
  const body = { ...deploymentStatus({ state: 'success', at: 'yesterday evening' }), repository: null }
  const answer = await deliver(JSON.stringify(body))
  expect(answer).toMatchObject({ status: 422, body: { error: 'VALIDATION_ERROR' } })
  expect(answer.body.message).toMatch(/deployment_status\.created_at: .*; repository: /)
  expect(answer.body.message).not.toContain('yesterday')
  expect(await deliver('{"action":')).toMatchObject({ status: 400, body: { message: 'the body is not JSON in UTF-8' } })
})

it('refuses forms and bodies that are too large', async () => {
  const form = await github.post('payload=%7B%7D', { 'content-type': 'application/x-www-form-urlencoded' })
  expect(form).toMatchObject({ status: 415, body: { message: 'the body must be application/json' } })
  const large = await deliver(JSON.stringify({ filler: 'x'.repeat(100_001) }))
  expect(large).toMatchObject({ status: 413, body: { message: 'the body exceeds CONNECT_BODY_BYTES' } })
})

it('has no other route', async () => {
  const answer = await fetch(new URL('/', github.url))
  expect(answer.status).toBe(404)
  expect(await answer.json()).toMatchObject({ message: 'POST /webhooks/github is the only route' })
})

it('writes neither secret nor body to the log', () => {
  const log = github.log.join('')
  expect(log).toContain('change recorded')
  expect(log).toContain('72d3162e-cc78-11e3-81ab-4c9367dc0958')
  for (const secret of [SECRET, 'sha256=', 'not-for-the-bus']) expect(log).not.toContain(secret)
})

it('answers 503 while the bus is down, and records the repeated delivery when it is back', async () => {
  const postgres = await startPrivatePostgres()
  const own = await receiving('github', { databaseUrl: postgres.url })
  const body = JSON.stringify(deploymentStatus({ state: 'success' }))
  const headers = { 'x-github-event': 'deployment_status', 'x-hub-signature-256': signed(body, SECRET) }
  await postgres.kill()
  const answer = await own.post(body, headers)
  expect(answer).toMatchObject({ status: 503, body: { error: 'SERVICE_UNAVAILABLE' } })
  expect(answer.headers.get('retry-after')).toBe('5')
  expect(await own.count('github', 'unavailable')).toBe(1)
  await postgres.start()
  await expect.poll(async () => (await own.post(body, headers)).status, { timeout: 60_000 }).toBe(202)
  expect(await own.published()).toHaveLength(1)
  await own.close()
  await postgres.stop()
}, 180_000)

it('refuses a service that no tenant owns', async () => {
  const tenants = createTenants(new Map([['blue', { services: ['payment'] }]]))
  const own = await receiving('github', { tenants })
  const body = JSON.stringify(deploymentStatus({ state: 'success' }))
  const headers = { 'x-github-event': 'deployment_status', 'x-hub-signature-256': signed(body, SECRET) }
  expect(await own.post(body, headers)).toMatchObject({
    status: 422,
    body: { message: 'service: no tenant of SRE_TENANTS_FILE owns cart without a namespace' },
  })
  const paid = JSON.stringify(deploymentStatus({ state: 'success', repository: 'octo-org/payment' }))
  expect(await own.post(paid, { ...headers, 'x-hub-signature-256': signed(paid, SECRET) })).toMatchObject({ status: 202 }) // prettier-ignore
  expect((await own.published()).map(({ tenant }) => tenant)).toEqual(['blue'])
  await own.close()
}, 60_000)
