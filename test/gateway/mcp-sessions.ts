/** Sessions by MCP: a question, a repeated one, and earlier incidents that are alike. */
import { v7 as uuid } from 'uuid'
import { describe, expect, test } from 'vitest'
import { stamp } from '../../gateway/publish.ts'
import { foldFeedback } from '../../gateway/views/feedback.ts'
import type { ViewEvent } from '../../gateway/views/fold.ts'
import { until } from '../runtime/counting.ts'
import { dataOf } from './mcp-client.ts'
import type { Shop } from './mcp-shop.ts'
import {
  actionCompleted,
  approvalClosed,
  approvalRequested,
  completed,
  declined,
  requested,
  rollback,
} from './records.ts'

/** the same, told of the tenant of the shop */
const told = <E extends ViewEvent>(one: E): E => ({ ...one, value: { ...one.value, tenant: 'shop' } })

export function sessionsByMcp(open: () => Shop): void {
  describe('a diagnosis', () => {
    test('is requested as over HTTP, and answered with its result', async () => {
      const { call } = await open().as('ann', '2026-07-28', { 'accept-language': 'zh-TW' })
      const answer = call('diagnose', { services: ['cart-api'], minutes: 30, end: '2026-03-01T10:00:00Z', severity: 'P2' }) // prettier-ignore
      const published = await until(60_000, 'the request is published', async () =>
        (await open().platform.published('DiagnosisRequested')).find(({ value }) => value.service === 'cart-api'),
      )
      expect(published.value).toMatchObject({
        ...{ tenant: 'shop', kind: 'question', severity: 'P2', affected_services: ['cart-api'] },
        ...{ window_start: Date.parse('2026-03-01T09:30:00Z'), window_end: Date.parse('2026-03-01T10:00:00Z') },
        requested_by: `${open().platform.issuer.url}|ann`,
      })
      await open().platform.tell(completed(published.value.session_id, { tenant: 'shop' }))
      expect(JSON.parse(dataOf(await answer))).toMatchObject({ result: { summary: 'cart 的版本有問題' } })
      expect(await answer).toContain('各原因的依據')
    })
  })

  describe('a repeated diagnosis', () => {
    test('with its key starts nothing, although its time range has moved on', async () => {
      const { call, fail } = await open().as('ann')
      const asked = { services: ['cart-pay'], minutes: 30, key: 'cart-pay is slow' }
      const started = async () => (await open().platform.published('DiagnosisRequested')).filter(({ value }) => value.service === 'cart-pay') // prettier-ignore
      const first = call('diagnose', asked)
      const { value } = await until(60_000, 'the request is published', async () => (await started()).at(0))
      await open().platform.tell(completed(value.session_id, { tenant: 'shop' }))
      expect(dataOf(await call('diagnose', asked))).toBe(dataOf(await first))
      expect(await started()).toHaveLength(1)
      expect(await fail('diagnose', { ...asked, minutes: 60 })).toMatchObject({ error: 'RESOURCE_CONFLICT' })
      expect(await fail('diagnose', { ...asked, key: 'a\nb' })).toMatchObject({ details: [{ field: 'key' }] })
    })
  })

  describe('a proposed action', () => {
    const tenant = { tenant: 'shop' }
    const session = uuid()
    const asked = { session_id: session, action: 'rollback', parameters: { to: 'v1' }, reason: 'v2 fails' }
    const published = (reason: string) =>
      until(60_000, 'the proposal is published', async () =>
        (await open().platform.published('ActionProposed'))
          .map(({ value }) => value)
          .find((one) => one.reason === reason),
      )

    test('is answered with its approval, once per key, and says who decides and what it joined', async () => {
      const { call } = await open().as('ann')
      await open().platform.tell(requested(session, tenant), completed(session, { ...tenant, occurred_at: Date.now() }))
      const answer = call('propose_action', { ...asked, key: 'one' })
      const { approval_id, proposed_by } = await published('v2 fails')
      expect(proposed_by).toMatchObject({ id: `${open().platform.issuer.url}|ann`, via: 'mcp' })
      await open().platform.tell(approvalRequested(session, approval_id, { ...tenant, proposed_by, action: { ...rollback, service: 'cart-ads' }, action_hash: 'a' })) // prettier-ignore
      expect(await answer).toContain(`runs only if another person approves: npx sre approve ${approval_id}`)
      expect(JSON.parse(dataOf(await answer))).toMatchObject({ approval_id, proposed_by: { via: 'mcp' } })
      expect(JSON.parse(dataOf(await call('propose_action', { ...asked, key: 'one' })))).toMatchObject({ approval_id })
      await open().platform.tell(told(approvalClosed(session, approval_id, 'joined', uuid())))
      expect(await call('propose_action', { ...asked, key: 'one' })).toContain('already proposes this action')
    })

    test('that is declined says which argument is wrong, and what is allowed', async () => {
      const { fail } = await open().as('ann')
      const answer = fail('propose_action', { ...asked, action: 'reboot', reason: 'try it' })
      const { approval_id } = await published('try it')
      const reason = { en: 'no action reboot in the catalogue; it has: rollback, restart' }
      await open().platform.tell(declined(session, { ...tenant, approval_id, code: 'unknown_action', field: 'action', reason })) // prettier-ignore
      expect(await answer).toMatchObject({
        ...{ error: 'VALIDATION_ERROR', details: [{ field: 'body.action', message: reason.en }] },
        next: expect.stringContaining('details'),
      })
    })
  })

  describe('similar incidents', () => {
    test('are earlier ones with the same cause or signal, with what helped and what people say of them', async () => {
      const tenant = { tenant: 'shop' }
      const cause = (over: object) => ({
        ...tenant,
        root_causes: [{ ...completed('').value.root_causes[0]!, ...over }],
      })
      const [same, elsewhere, other, again, calm, now] = Array.from({ length: 6 }, () => uuid()) as [string, string, string, string, string, string] // prettier-ignore
      const approval = uuid()
      const incident = (id: string) => ({ ...tenant, incident_ids: [id] })
      await open().platform.tell(
        ...[
          requested(same, incident('INC-20')),
          completed(same, cause({ service: 'cart-db', indicator: 'saturation' })),
        ],
        ...[approvalRequested(same, approval, tenant), told(approvalClosed(same, approval)), told(actionCompleted(same, approval))], // prettier-ignore
        ...[requested(elsewhere, incident('INC-21')), completed(elsewhere, cause({ service: 'cart-mail', indicator: 'saturation', change_id: null }))], // prettier-ignore
        ...[requested(other, tenant), completed(other, cause({ service: 'cart-mail', indicator: 'latency_p95' }))],
        ...[requested(calm, tenant), completed(calm, { ...cause({ service: 'cart-db' }), verdict: 'nothing_wrong' })],
        ...[requested(again, incident('INC-22')), completed(again, cause({ service: 'cart-db', indicator: 'saturation' }))], // prettier-ignore
        ...[requested(now, incident('INC-22')), completed(now, cause({ service: 'cart-db', indicator: 'saturation' }))],
      )
      await foldFeedback(open().platform.pool, [{ ...stamp('shop', 1), session_id: same, revision: 1, verdict: 'right', root_cause: null, note: null, recorded_by: 'i|ann', role: 'engineer' }]) // prettier-ignore
      const { call, fail } = await open().as('ann')
      const found = JSON.parse(dataOf(await call('similar_incidents', { session_id: now }))) as unknown
      expect(found).toMatchObject([
        {
          ...{ session_id: same, incident_ids: ['INC-20'], alike: ['service', 'indicator', 'a change caused it'] },
          ...{ actions: [{ type: 'rollback', service: 'cart', outcome: 'succeeded', effect: 'helped' }], feedback: ['right'] }, // prettier-ignore
        },
        { session_id: elsewhere, alike: ['indicator'], service: 'cart-mail', actions: [], feedback: [] },
      ])
      const running = uuid()
      await open().platform.tell(requested(running, tenant))
      expect(await fail('similar_incidents', { session_id: running })).toMatchObject({ error: 'RESOURCE_CONFLICT' })
    })
  })
}
