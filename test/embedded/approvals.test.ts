import { randomUUID } from 'node:crypto'
import { createRemoteJWKSet } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { prepareExecutor } from '../../agents/executor/executor.ts'
import { createSeal } from '../../agents/executor/statements.ts'
import { readDeadLetter } from '../../bus/dead-letter.ts'
import { verifyDecision } from '../../schemas/decision.ts'
import type { ApprovalRequested } from '../../schemas/events.generated.ts'
import { approvalRequested } from '../events/requests.ts'
import { until } from '../lab/until.ts'
import { closing } from './closing.ts'
import { createBrowser, formOn } from './browser.ts'
import {
  client,
  createFakeServices,
  createSetting,
  headersOf,
  machineToken,
  passwordOf,
  personToken,
  published,
  startControlPlane,
  type Setting,
} from './setting.ts'
import { startSigningIssuer } from './signing-issuer.ts'

let setting: Setting
let controlPlane: Awaited<ReturnType<typeof startControlPlane>>

beforeAll(async () => {
  setting = await createSetting()
  controlPlane = await startControlPlane(setting, { lab: createFakeServices() })
})

afterAll(async () => {
  await controlPlane.stop()
  await setting.close()
})

/** Publishes a request and waits until the control-plane knows it. */
async function requested(over: Partial<ApprovalRequested> = {}): Promise<ApprovalRequested> {
  const request = approvalRequested({
    title: { en: 'Roll back <cart>' },
    reason: { en: 'slower & failing since the deployment' },
    requested_by: `${setting.issuer.url}|control-plane`,
    approver_roles: ['team_manager', 'super_admin'],
    evidence: ['evidence-1'],
    ...over,
  })
  await setting.bus.publish([await setting.bus.encode('ApprovalRequested', request)])
  const known = `SELECT FROM control_plane.approvals WHERE approval_id = $1 AND request IS NOT NULL`
  await until(async () => (await setting.pool.query(known, [request.approval_id])).rowCount === 1)
  return request
}

const decisionsAbout = async (approvalId: string) =>
  (await published(setting, 'ApprovalDecided')).filter((decided) => decided.approval_id === approvalId)

const verify = (jws: string) =>
  verifyDecision(
    jws,
    new Map([['control-plane', createRemoteJWKSet(new URL(`${controlPlane.url}/.well-known/jwks.json`))]]),
  )

async function signedIn(username: string) {
  const browser = createBrowser()
  const { action: to } = formOn(await browser.go(`${controlPlane.url}/approvals`), 'interaction')
  const page = await browser.go(to, { username, password: passwordOf(setting, username) })
  return { browser, page }
}

const asPerson = async (username: string) => client(controlPlane.url, await personToken(setting, username))
const approve = ({ action_hash }: ApprovalRequested) => ({ decision: 'approved', reason: 'it helps', action_hash })

describe('on the page', () => {
  test('a person signs in, sees the exact action, and approves it with a signed decision', async () => {
    const request = await requested()
    const { browser, page } = await signedIn('alice')
    expect(page).toMatchObject({ status: 200, url: expect.stringContaining(`${controlPlane.url}/approvals/`) })
    expect(page.text).toContain('Roll back &#60;cart&#62;')
    expect(page.text).toContain('Roll back shop / cart from cart:1.5.0 to cart:1.4.2')
    expect(page.text).toContain('image_tag = cart:1.4.2')
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
    const { action: to, fields } = formOn(page, request.approval_id)
    expect(fields['action_hash']).toBe(request.action_hash)
    const after = await browser.go(to, { ...fields, decision: 'approved', reason: 'it helps' })
    expect(after.text).toContain(`approved by <bdi>${setting.issuer.url}|alice</bdi>`)
    expect(after.text).toContain('it helps')
    const [decided] = await until(async () => {
      const all = await decisionsAbout(request.approval_id)
      return all.length > 0 && all
    })
    expect(await verify(decided?.decision_jws ?? '')).toMatchObject({
      ok: true,
      claim: {
        iss: 'control-plane',
        sub: 'alice',
        decider_iss: setting.issuer.url,
        roles: ['team_manager'],
        tenant: 'default',
        approval_id: request.approval_id,
        action_hash: request.action_hash,
        decision: 'approved',
        reason: 'it helps',
        jti: decided?.event_id,
      },
    })
  })

  test('a form the page did not issue decides nothing', async () => {
    const request = await requested()
    const { browser, page } = await signedIn('alice')
    const { action: to } = formOn(page, request.approval_id)
    const forged = { decision: 'approved', reason: 'x', action_hash: request.action_hash, form_token: 'guess' }
    expect(await browser.go(to, forged)).toMatchObject({ status: 403 })
    expect(await createBrowser().go(to, forged)).toMatchObject({ status: 401 })
    expect(await decisionsAbout(request.approval_id)).toEqual([])
  })

  test('a person who may only read cannot decide', async () => {
    const request = await requested()
    const { browser, page } = await signedIn('bob')
    const { action: to, fields } = formOn(page, request.approval_id)
    expect(await browser.go(to, { ...fields, decision: 'approved', reason: 'x' })).toMatchObject({ status: 403 })
    expect(await decisionsAbout(request.approval_id)).toEqual([])
  })

  test('signing out ends the session', async () => {
    const { browser, page } = await signedIn('alice')
    const { action: to, fields } = formOn(page, 'logout')
    expect((await browser.go(to, fields)).text).toContain('signed out')
    const decide = to.replace('logout', `${randomUUID()}/decision`)
    expect(await browser.go(decide, { ...fields, decision: 'approved', reason: 'x', action_hash: 'x' })).toMatchObject({
      status: 401,
    })
    expect((await browser.go(page.url)).text).toContain('name="password"')
  })

  test('a sign-in that was started elsewhere is not completed', async () => {
    expect(await createBrowser().go(`${controlPlane.url}/callback?code=x&state=y`)).toMatchObject({ status: 401 })
  })
})

describe('a decision', () => {
  test('is accepted once from a person with an approver role', async () => {
    const request = await requested()
    const alice = await asPerson('alice')
    const path = `/approvals/${request.approval_id}/decision`
    const trace = { 'x-request-id': 'of-alice', traceparent: `00-${'c'.repeat(32)}-${'d'.repeat(16)}-01` }
    expect(await alice('POST', path, { ...approve(request), decision: 'rejected' }, trace)).toMatchObject({
      status: 200,
      body: { status: 'decided', decision: { decision: 'rejected' } },
    })
    expect(await (await asPerson('carol'))('POST', path, approve(request))).toMatchObject({ status: 409 })
    await until(async () => (await decisionsAbout(request.approval_id)).length > 0)
    expect(await decisionsAbout(request.approval_id)).toHaveLength(1)
    expect(await headersOf(setting, 'ApprovalDecided')).toContainEqual(expect.objectContaining(trace))
  })

  test('of a machine is refused, whatever scopes it has', async () => {
    const request = await requested()
    const scope = 'sre-platform:read sre-platform:write'
    const machine = client(controlPlane.url, await machineToken(setting, 'sre-executor', scope))
    expect(await machine('POST', `/approvals/${request.approval_id}/decision`, approve(request))).toMatchObject({
      status: 403,
    })
  })

  test("of a machine is refused, even with a person's role and scope", async () => {
    const request = await requested()
    const scope = 'sre-platform:read sre-platform:approve'
    const roles = { realm_access: { roles: ['team_manager'] } }
    const issuer = await startSigningIssuer({ aud: 'control-plane', sub: 'service-account', scope, ...roles })
    const other = await startControlPlane(setting, { lab: createFakeServices(), issuerUrl: issuer.url })
    const decide = async (azp: string) =>
      client(other.url, await issuer.sign({ azp }))('POST', `/approvals/${request.approval_id}/decision`, approve(request)) // prettier-ignore
    expect(await decide('sre-executor')).toMatchObject({
      status: 403,
      body: { message: 'only a person may decide, never a service account' },
    })
    expect(await decisionsAbout(request.approval_id)).toEqual([])
    expect(await decide('console')).toMatchObject({ status: 200 })
    await other.stop()
    issuer.close()
  })

  test.each([
    ['about another action than the one that is asked for', {}, { action_hash: 'f'.repeat(64) }, 409],
    ['about an approval that has expired', { expires_at: 1 }, {}, 409],
    ['by somebody without one of its roles', { approver_roles: ['super_admin'] }, {}, 403],
    ['without a reason', {}, { reason: ' ' }, 422],
    ['that is neither yes nor no', {}, { decision: 'maybe' }, 422],
  ])('%s is not signed', async (_what, over, body, status) => {
    const request = await requested(over)
    const alice = await asPerson('alice')
    const answer = await alice('POST', `/approvals/${request.approval_id}/decision`, { ...approve(request), ...body })
    expect(answer.status).toBe(status)
    expect(await decisionsAbout(request.approval_id)).toEqual([])
  })

  test.each(['requested the session', 'proposed the action'])('by whoever %s is not signed', async (what) => {
    const id = `${setting.issuer.url}|alice`
    const proposed_by = { id, role: 'team_manager', client: 'console', via: 'mcp' }
    const request = await requested(what === 'requested the session' ? { requested_by: id } : { proposed_by })
    const alice = await asPerson('alice')
    expect(await alice('POST', `/approvals/${request.approval_id}/decision`, approve(request))).toMatchObject({
      status: 403,
    })
  })

  test('of another tenant does not exist', async () => {
    const request = await requested({ tenant: 'other' })
    const alice = await asPerson('alice')
    expect(await alice('GET', `/approvals/${request.approval_id}`)).toMatchObject({ status: 404 })
    expect(await alice('POST', `/approvals/${request.approval_id}/decision`, approve(request))).toMatchObject({
      status: 404,
    })
  })
})

test("the executor's closing is shown, even if it arrives first", async () => {
  const approvalId = randomUUID()
  await prepareExecutor(setting.database.url)
  const record = await setting.bus.encode('ApprovalClosed', closing(approvalId))
  await setting.bus.publish([await createSeal(setting.pool)('ApprovalClosed', record)])
  const closed = `SELECT FROM control_plane.approvals WHERE approval_id = $1 AND closed IS NOT NULL`
  await until(async () => (await setting.pool.query(closed, [approvalId])).rowCount === 1)
  const request = await requested({ approval_id: approvalId })
  const alice = await asPerson('alice')
  expect(await alice('GET', `/approvals/${approvalId}`)).toMatchObject({
    body: { status: 'expired', closed: { code: 'expired' }, action_hash: request.action_hash },
  })
  expect(await alice('POST', `/approvals/${approvalId}/decision`, approve(request))).toMatchObject({ status: 409 })
  expect((await alice('GET', '/approvals')).body['items']).toContainEqual(expect.objectContaining({ id: approvalId }))
})

test('a closing the executor did not sign closes nothing, and the page says so', async () => {
  const { approval_id } = await requested()
  await setting.bus.publish([await setting.bus.encode('ApprovalClosed', closing(approval_id))])
  const alice = await asPerson('alice')
  const shown = await until(async () => {
    const { body } = await alice('GET', `/approvals/${approval_id}`)
    return body['ignored_statement'] === true && body
  })
  expect(shown).toMatchObject({ status: 'pending', closed: null })
  const { page } = await signedIn('alice')
  expect(page.text).toContain('was not signed by the executor and was ignored')
})

test('lists are paged, open approvals first', async () => {
  const asked = [await requested(), await requested()]
  const alice = await asPerson('alice')
  const seen: string[] = []
  let total = Number.POSITIVE_INFINITY
  for (let page = 1; seen.length < total; page++) {
    const { body } = await alice('GET', `/approvals?page=${page}&page_size=1`)
    const [one] = body['items'] as { id: string }[]
    seen.push(String(one?.id))
    total = Number((body['pagination'] as { total: number }).total)
  }
  expect(total).toBeGreaterThanOrEqual(asked.length)
  expect(new Set(seen).size).toBe(total)
  expect(seen.slice(0, 2).sort()).toEqual(asked.map(({ approval_id }) => approval_id).sort())
  expect(await alice('GET', '/approvals?page_size=0')).toMatchObject({ status: 400 })

  const { browser, page } = await signedIn('alice')
  const first = await browser.go(`${page.url}?page_size=1`)
  const next = /href="(\/approvals\/[\w-]+\?page=2&amp;page_size=1)"/.exec(first.text)?.[1]?.replace('&amp;', '&')
  expect((await browser.go(`${controlPlane.url}${next}`)).text).toContain(`id="${seen[1]}"`)
})

test('an event that cannot be stored becomes a dead letter, and later ones are processed', async () => {
  const { bus } = setting
  const key = randomUUID()
  const good = await requested()
  const odd = [
    { ...good, approval_id: 'not-a-uuid' },
    { ...good, approval_id: randomUUID(), title: { en: 'Roll back\u0000' } },
    { ...good, approval_id: randomUUID(), tenant: 'a\u0000' },
  ]
  const last = { ...good, event_id: randomUUID(), approval_id: randomUUID() }
  const records = await Promise.all([...odd, last].map((event) => bus.encode('ApprovalRequested', event)))
  // one key, so one partition
  await bus.publish(records.map((record) => ({ ...record, key })))
  const known = `SELECT FROM control_plane.approvals WHERE approval_id = $1`
  await until(async () => (await setting.pool.query(known, [last.approval_id])).rowCount === 1)
  // accepted events of a batch are stored before the others become dead letters
  const letters = await until(async () => {
    const all = await Array.fromAsync(bus.browse('sre.approval.requested.v1.control-plane.dlq'), readDeadLetter)
    return all.length >= odd.length && all
  })
  expect(letters).toMatchObject(odd.map(() => ({ code: 'cannot_be_folded', consumer: 'control-plane', key })))
  expect(letters.map(({ reason }) => reason)).not.toContain('')
})
