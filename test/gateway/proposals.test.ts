/** Actions proposed over HTTP: what is published, how the answer of the assistant is told, and what is refused before it is asked. */
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fold } from '../../gateway/views/fold.ts'
import { actionHash } from '../../schemas/action-hash.ts'
import type { ActionDeclined, ActionProposed } from '../../schemas/events.generated.ts'
import { until } from '../runtime/counting.ts'
import { type Platform, startPlatform } from './platform.ts'
import { approvalClosed, approvalRequested, completed, declined, requested, rollback } from './records.ts'

let platform: Platform
const [session, calm, running, failed, old, nameless] = Array.from({ length: 6 }, () => uuid()) as [string, string, string, string, string, string] // prettier-ignore
beforeAll(async () => {
  platform = await startPlatform({ capacityWaitMs: 60_000 })
  const occurred_at = Date.now()
  const told = [
    requested(session, { namespace: 'shop', context: { team: 'carts' } }),
    completed(session, { occurred_at }),
    requested(calm),
    completed(calm, { occurred_at }),
    requested(running),
    requested(failed),
    completed(failed, { occurred_at, status: 'failed', reason: 'source_failed: x', root_causes: [], verdict: null }),
    requested(old),
    completed(old, { occurred_at: occurred_at - 86_400_001 }),
    requested(nameless, { service: null }),
    completed(nameless, { occurred_at, root_causes: [] }),
  ]
  await fold(told, { pool: platform.pool, readDecision: async () => null })
}, 180_000)
afterAll(() => platform?.close())

const restart = { action: 'restart', reason: 'it helped last time' }
const propose = (
  body: object = restart,
  { who = 'alice', id = session, headers = {} as Record<string, string> } = {},
) => platform.ask(who, 'POST', `/api/v1/diagnostics/${id}/proposals`, { body, headers })
const published = async () => (await platform.published('ActionProposed')).map(({ value }) => value)
/** The event of the latest proposal with this reason. */
const asked = (reason: string): Promise<ActionProposed> =>
  until(60_000, 'the proposal is published', async () => (await published()).findLast((one) => one.reason === reason))
/** Proposes, and lets the assistant decline. */
async function answered(reason: string, change: Partial<ActionDeclined>, headers: Record<string, string> = {}) {
  const answer = propose({ ...restart, reason }, { headers, id: calm })
  const { approval_id } = await asked(reason)
  await platform.tell(declined(calm, { approval_id, ...change }))
  return answer
}

describe('a proposal', () => {
  it('is an event with what the diagnosis says, and answered with its approval, which its author may not decide on', async () => {
    const body = { action: 'rollback', parameters: { to: 'v1' }, reason: 'v2 fails' }
    const answer = propose(body)
    const event = await asked('v2 fails')
    const alice = `${platform.issuer.url}|alice`
    const proposed_by = { id: alice, role: 'team_manager', client: 'console', via: 'api' }
    expect(event).toMatchObject({
      ...{ session_id: session, type: 'rollback', service: 'cart', namespace: 'shop', parameters: { to: 'v1' } },
      ...{ proposed_by, requested_by: 'http://issuer|control-plane', diagnosis_run: 'assistant/1' },
      ...{ since: 1_760_000_000_000, context: { team: 'carts' } },
    })
    const { approval_id } = event
    await platform.tell(approvalRequested(session, approval_id, { proposed_by, reason: { en: event.reason } }))
    expect(await answer).toMatchObject({ status: 200, body: { approval_id, status: 'pending', proposed_by } })
    const decide = (who: string) =>
      platform.ask(who, 'POST', `/api/v1/approvals/${approval_id}/decision`, {
        body: { decision: 'approved', reason: 'yes', action_hash: actionHash(rollback) },
      })
    expect(await decide('alice')).toMatchObject({ status: 403, body: { message: 'the person who proposed the action may not decide on it' } }) // prettier-ignore
    expect(await decide('root')).toMatchObject({ status: 200 })
  })

  it('that joins an open approval of the same action says so', async () => {
    const first = uuid()
    const action = { ...rollback, service: 'orders' }
    const same = { action, action_hash: actionHash(action) }
    await platform.tell(approvalRequested(session, first, same))
    const answer = propose({ ...restart, reason: 'the same' })
    const { approval_id } = await asked('the same')
    await platform.tell(approvalRequested(session, approval_id, same))
    await platform.tell(approvalClosed(session, approval_id, 'joined', first))
    expect(await answer).toMatchObject({ status: 200, body: { status: 'joined', closed: { joined_approval: first } } })
  })

  it('is published once per key, whose repeats get the same answer', async () => {
    const headers = { 'idempotency-key': uuid() }
    const reason = 'once'
    const change = { code: 'target_unknown', field: null, reason: { en: 'HTTP 503', 'zh-TW': '無法讀取' } }
    expect(await answered(reason, change, headers)).toMatchObject({
      ...{ status: 409, body: { error: 'RESOURCE_CONFLICT', message: 'the action is not proposed: HTTP 503' } },
    })
    const again = await propose(
      { ...restart, reason },
      { id: calm, headers: { ...headers, 'accept-language': 'zh-TW' } },
    )
    expect(again).toMatchObject({ status: 409, body: { message: '未提出此動作：無法讀取' } })
    expect((await published()).filter((one) => one.reason === reason)).toHaveLength(1)
    expect(await propose({ ...restart, reason: 'another' }, { headers, id: calm })).toMatchObject({ status: 409 })
  })

  it('that is declined for a field is refused by its name, and shown in the session', async () => {
    const why = 'no action reboot in the catalogue; it has: restart'
    const answer = await answered('reboot', { code: 'unknown_action', field: 'action', reason: { en: why } })
    expect(answer).toMatchObject({
      ...{ status: 422, body: { error: 'VALIDATION_ERROR', details: [{ field: 'body.action', message: why }] } },
    })
    const { text } = await platform.ask('bob', 'GET', `/api/v1/diagnostics/${calm}/events`)
    expect(text).toContain(`"state":"declined","message":"${why}"`)
  })

  it('without an answer in time goes on, and is told by which approval', async () => {
    const gateway = await platform.another({ capacityWaitMs: 100 })
    const headers = { authorization: `Bearer ${await platform.tokenOf('control-plane')}` }
    const url = `/api/v1/diagnostics/${session}/proposals`
    const answer = await gateway.inject({ method: 'POST', url, headers, payload: { ...restart, reason: 'later' } })
    const { approval_id, proposed_by } = await asked('later')
    expect(answer).toMatchObject({ statusCode: 202 })
    expect(answer.json()).toMatchObject({ session_id: session, approval_id })
    expect(proposed_by).toMatchObject({ role: 'machine', client: 'control-plane' })
    await gateway.close()
  })
})

describe('nothing is published', () => {
  it.each<[string, Parameters<typeof propose>, number, object]>([
    ['for an unknown session', [restart, { id: uuid() }], 404, { error: 'RESOURCE_NOT_FOUND' }],
    ['while the diagnosis is running', [restart, { id: running }], 409, { message: /still running/ }],
    ['if it failed', [restart, { id: failed }], 409, { message: /not completed \(failed\)/ }],
    ['if it is old', [restart, { id: old }], 409, { message: /more than a day old/ }],
    ['if no service is known', [restart, { id: nameless }], 422, { details: [{ field: 'body.service' }] }],
    ['for somebody who only reads', [restart, { who: 'bob' }], 403, {}],
    ['without a reason', [{ action: 'restart' }], 422, {}],
    ['with a reason that is too long', [{ ...restart, reason: 'x'.repeat(2001) }], 422, {}],
    ['with a reason that steers a terminal', [{ ...restart, reason: 'a\u001b[2J' }], 422, {}],
    ['with an action that nobody sees', [{ ...restart, action: 'restart\u202e' }], 422, {}],
    ['with a parameter that is no text', [{ ...restart, parameters: { replicas: 2 } }], 422, {}],
    ['with a parameter of two lines', [{ ...restart, parameters: { to: 'v1\nv2' } }], 422, {}],
    ['with an unknown field', [{ ...restart, risk: 'low' }], 422, {}],
  ])('%s', async (_what, given, status, body) => {
    const before = (await published()).length
    const told = Object.entries(body).map(([name, value]) => [name, value instanceof RegExp ? expect.stringMatching(value) : value]) // prettier-ignore
    expect(await propose(...given)).toMatchObject({ status, body: Object.fromEntries(told) })
    expect(await published()).toHaveLength(before)
  })
})
