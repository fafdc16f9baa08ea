import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { actionHash } from '../../schemas/action-hash.ts'
import { verifyDecision } from '../../schemas/decision.ts'
import type { Events } from '../../schemas/events.generated.ts'
import type { ViewEvent } from '../../gateway/views/fold.ts'
import { actionCompleted, approvalClosed, approvalCounted, approvalRequested, requested, rollback } from './records.ts'
import { decisionIssuer, startPlatform } from './platform.ts'
import type { Platform } from './platform.ts'

let platform: Platform
let session: string
let approval: string
let now = Date.now()

beforeAll(async () => {
  platform = await startPlatform({ limits: { read: 1000, write: 1000 }, now: () => now })
})
afterAll(() => platform.close())
beforeEach(async () => {
  now = Date.now()
  session = uuid()
  approval = uuid()
  await publish(requested(session), approvalRequested(session, approval))
})

const publish = (...events: ViewEvent[]) => platform.tell(...events)
const hash = actionHash(rollback)
const approve = { decision: 'approved', reason: 'looks right', action_hash: hash }
const decide = (who: string, body: unknown = approve, headers: Record<string, string> = {}, id = approval) =>
  platform.ask(who, 'POST', `/api/v1/approvals/${id}/decision`, { body, headers })
const decisions = async (): Promise<Events['ApprovalDecided'][]> =>
  (await platform.published('ApprovalDecided'))
    .map(({ value }) => value)
    .filter((value) => value.approval_id === approval)
const read = (who = 'bob') => platform.ask(who, 'GET', `/api/v1/approvals/${approval}`)

describe('a person who may decide', () => {
  test('publishes a signed claim about exactly this action, readable at once', async () => {
    const answer = await decide('alice')
    expect(answer).toMatchObject({
      status: 200,
      body: {
        status: 'decided',
        decision: { decision: 'approved', decided_by: `${platform.issuer.url}|alice`, reason: 'looks right' },
      },
    })
    const [event, ...others] = await decisions()
    expect(others).toEqual([])
    expect(event).toMatchObject({ session_id: session, tenant: 'default' })
    const trusted = new Map([[decisionIssuer, platform.keys.keySet()]])
    expect(await verifyDecision(event?.decision_jws ?? '', trusted)).toMatchObject({
      ok: true,
      claim: {
        sub: 'alice',
        decider_iss: platform.issuer.url,
        roles: ['team_manager'],
        tenant: 'default',
        approval_id: approval,
        action_hash: hash,
        decision: 'approved',
      },
    })
  })
  test('may reject', async () => {
    expect((await decide('root', { ...approve, decision: 'rejected' })).body).toMatchObject({
      decision: { decision: 'rejected' },
    })
  })
  test('decides once for repeats under one key', async () => {
    const headers = { 'idempotency-key': uuid() }
    expect([
      (await decide('alice', approve, headers)).status,
      (await decide('alice', approve, headers)).status,
    ]).toEqual([200, 200])
    expect(await decisions()).toHaveLength(1)
  })
  test('can read the public signing keys without a token', async () => {
    await decide('alice')
    const kid = JSON.parse(
      Buffer.from((await decisions())[0]?.decision_jws.split('.')[0] ?? '', 'base64url').toString(),
    ).kid
    const jwks = await platform.ask(null, 'GET', '/.well-known/jwks.json')
    expect(jwks.body.keys).toEqual([expect.objectContaining({ kid, kty: 'OKP', alg: 'EdDSA', use: 'sig' })])
    expect(jwks.text).not.toContain('"d"')
  })
})

describe('a decision is refused', () => {
  test.each([
    ['of a machine', 'control-plane', 403],
    ['of a person without the role', 'bob', 403],
  ])('%s', async (_what, who, status) => {
    expect((await decide(who)).status).toBe(status)
    expect(await decisions()).toEqual([])
  })
  test('by the requester of the session', async () => {
    const own = uuid()
    await publish(approvalRequested(session, own, { requested_by: `${platform.issuer.url}|alice` }))
    expect(await decide('alice', approve, {}, own)).toMatchObject({
      status: 403,
      body: { error: 'INSUFFICIENT_PERMISSIONS' },
    })
    expect((await decide('carol', approve, {}, own)).status).toBe(200)
  })
  test("by a person without one of the approval's roles", async () => {
    const high = uuid()
    await publish(approvalRequested(session, high, { approver_roles: ['super_admin'] }))
    expect((await decide('alice', approve, {}, high)).status).toBe(403)
    expect((await decide('root', approve, {}, high)).status).toBe(200)
  })
  test("about another action than the approval's", async () => {
    expect(await decide('alice', { ...approve, action_hash: 'f'.repeat(64) })).toMatchObject({
      status: 409,
      body: { error: 'RESOURCE_CONFLICT' },
    })
  })
  test("if the approval's hash does not match its action", async () => {
    const forged = uuid()
    await publish(approvalRequested(session, forged, { action: { ...rollback, parameters: { to: 'v0' } } }))
    expect((await decide('alice', approve, {}, forged)).body.message).toContain('does not match its action')
  })
  test('after the approval has expired', async () => {
    now += 2 * 3_600_000
    const late = await platform.app.inject({
      method: 'POST',
      url: `/api/v1/approvals/${approval}/decision`,
      payload: approve,
      headers: { authorization: `Bearer ${await platform.tokenOf('alice')}` },
    })
    // the token has expired too, since the gateway checks both by this clock
    expect(late.statusCode).toBe(401)
    now = Date.now()
    const short = uuid()
    await publish(approvalRequested(session, short, { expires_at: now - 1 }))
    expect((await decide('alice', approve, {}, short)).body.message).toContain('expired')
  })
  test('after another decision, even a concurrent one', async () => {
    const statuses = (await Promise.all([decide('alice'), decide('carol'), decide('root')])).map(({ status }) => status)
    expect(statuses.toSorted()).toEqual([200, 409, 409])
    expect(await decisions()).toHaveLength(1)
  })
  test('after the executor has closed the approval', async () => {
    await publish(approvalClosed(session, approval, 'expired'))
    expect((await decide('alice')).status).toBe(409)
  })
  test('without a reason', async () => {
    expect((await decide('alice', { ...approve, reason: '' })).status).toBe(422)
  })
  test('about an approval of another tenant, which looks unknown', async () => {
    const foreign = uuid()
    await publish(approvalRequested(session, foreign, { tenant: 'other' }))
    expect((await decide('root', approve, {}, foreign)).status).toBe(404)
  })
})

describe('an action of critical risk', () => {
  const person = (who: string) => `${platform.issuer.url}|${who}`
  beforeEach(async () => {
    approval = uuid()
    await publish(approvalRequested(session, approval, { risk: 'critical' }))
  })
  const approvedBy = (body: Record<string, unknown>) =>
    (body.approvals as { approved_by: string }[]).map(({ approved_by }) => approved_by)

  test('stays pending after one approval, and is decided after a second person approves', async () => {
    const first = await decide('alice')
    expect(first).toMatchObject({ status: 200, body: { status: 'pending', approvals_needed: 2 } })
    expect(approvedBy(first.body)).toEqual([person('alice')])
    const second = await decide('carol')
    expect(second).toMatchObject({
      status: 200,
      body: { status: 'decided', decision: { decided_by: person('carol') } },
    })
    expect(approvedBy(second.body)).toEqual([person('alice'), person('carol')])
    expect(await decisions()).toHaveLength(2)
    expect((await decide('root')).status).toBe(409)
  })
  test('is not approved twice by the same person, who may still reject it', async () => {
    await decide('alice')
    const headers = { 'accept-language': 'zh-TW' }
    expect(await decide('alice')).toMatchObject({
      status: 409,
      body: { message: 'you have already approved this action: another person has to give the second approval' },
    })
    expect((await decide('alice', approve, headers)).body.message).toBe('您已核准這個動作：第二次核准須由另一個人作出')
    expect(await decisions()).toHaveLength(1)
    const rejected = await decide('alice', { ...approve, decision: 'rejected' })
    expect(rejected.body).toMatchObject({ status: 'decided', decision: { decision: 'rejected' } })
  })
  test('is decided by one rejection', async () => {
    await decide('alice', { ...approve, decision: 'rejected' })
    expect(await decide('carol')).toMatchObject({ status: 409 })
  })
  test('counts an approval signed elsewhere once the executor says so', async () => {
    await publish(approvalCounted(session, approval, person('alice')))
    const { body } = await read()
    expect(body).toMatchObject({ status: 'pending', decision: null })
    expect(approvedBy(body)).toEqual([person('alice')])
    expect((await decide('alice')).status).toBe(409)
    expect((await decide('carol')).body).toMatchObject({ status: 'decided' })
    const closing = approvalClosed(session, approval)
    await publish({ ...closing, value: { ...closing.value, approved_by: [person('alice'), person('root')] } })
    expect(approvedBy((await read()).body)).toEqual([person('alice'), person('carol'), person('root')])
  })
  test('counts its own decision once, although the executor publishes it too', async () => {
    await decide('alice')
    const [event] = await decisions()
    const claim = JSON.parse(Buffer.from(event?.decision_jws.split('.')[1] ?? '', 'base64url').toString())
    await publish(approvalCounted(session, approval, person('alice'), claim.jti))
    expect(approvedBy((await read()).body)).toEqual([person('alice')])
  })
  test('believes no count that the executor did not sign', async () => {
    const { event, value } = approvalCounted(session, approval, person('alice'))
    await platform.bus.publish([await platform.bus.encode(event, value)])
    await expect.poll(async () => (await read()).body.ignored_statement, { timeout: 60_000 }).toBe(true)
    expect((await read()).body).toMatchObject({ approvals: [] })
  })
  test('needs two people too if the risk is unknown', async () => {
    approval = uuid()
    await publish(approvalRequested(session, approval, { risk: 'beyond' }))
    expect((await decide('alice')).body).toMatchObject({ status: 'pending', approvals_needed: 2 })
  })
})

describe('an approval', () => {
  test('shows the exact action, how it was closed, and its outcome', async () => {
    await publish(approvalClosed(session, approval), actionCompleted(session, approval))
    expect((await read()).body).toMatchObject({
      status: 'approved',
      action: rollback,
      action_hash: hash,
      title: 'Roll back cart',
      closed: { outcome: 'approved', decided_by: 'http://issuer|alice' },
      outcome: { outcome: 'succeeded', effect: 'helped' },
    })
  })
  test("says why it was closed in the requested language; a person's text stays as written", async () => {
    const inChinese = async (id: string) =>
      (await platform.ask('bob', 'GET', `/api/v1/approvals/${id}`, { headers: { 'accept-language': 'zh-TW' } })).body
    const refused = uuid()
    const closing = approvalClosed(session, refused, 'refused')
    const why = { code: 'target_changed', reason: 'image_tag is v3, not v2' }
    await publish(approvalRequested(session, refused), { ...closing, value: { ...closing.value, ...why } })
    expect(await inChinese(refused)).toMatchObject({
      title: '回復 cart',
      closed: { code: 'target_changed', reason: '目標的狀態在提出之後已改變（image_tag is v3, not v2）' },
    })
    await publish(approvalClosed(session, approval))
    expect(await inChinese(approval)).toMatchObject({ closed: { reason: 'looks right' } })
  })
  test('is listed by status, newest first', async () => {
    const newest = uuid()
    await publish(approvalRequested(session, newest), approvalClosed(session, approval, 'rejected'))
    const rejected = await platform.ask('bob', 'GET', '/api/v1/approvals?status=rejected&page_size=100')
    expect((rejected.body.items as { approval_id: string }[]).map((item) => item.approval_id)).toContain(approval)
    const elsewhere = await platform.ask('bob', 'GET', '/api/v1/approvals?service=no-such-service')
    expect(elsewhere.body).toMatchObject({ items: [], pagination: { total: 0 } })
    const pending = await platform.ask('bob', 'GET', '/api/v1/approvals?status=pending&page_size=1')
    expect(pending.body.items).toMatchObject([{ approval_id: newest, status: 'pending', decision: null }])
  })
  test('does not show a decision this gateway has not signed', async () => {
    const value = {
      event_id: uuid(),
      session_id: session,
      sequence: 0,
      tenant: 'default',
      occurred_at: now,
      approval_id: approval,
    }
    await publish({ event: 'ApprovalDecided', value: { ...value, decision_jws: 'e30.e30.e30' } })
    expect((await read()).body).toMatchObject({ status: 'pending', decision: null })
  })
  test('does not apply a decision about another approval', async () => {
    await decide('alice')
    const [genuine] = await decisions()
    const other = uuid()
    if (genuine === undefined) throw new Error('nothing was decided')
    await publish(approvalRequested(session, other))
    await publish({ event: 'ApprovalDecided', value: { ...genuine, event_id: uuid(), approval_id: other } })
    expect((await platform.ask('bob', 'GET', `/api/v1/approvals/${other}`)).body.status).toBe('pending')
  })
})
