import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import type { Approval } from '../../embedded/control-plane/approvals/approvals.ts'
import { approvalsPage } from '../../embedded/control-plane/approvals/page.ts'
import type { Language } from '../../gateway/present/language.ts'
import type { ActionCompleted, ApprovalClosed } from '../../schemas/events.generated.ts'
import { approvalRequested } from '../events/requests.ts'

const now = Date.UTC(2026, 0, 1)
const stamp = { event_id: randomUUID(), session_id: randomUUID(), sequence: 0, tenant: 'default', occurred_at: now }
const action = { type: 'rollback', service: 'cart', namespace: null, parameters: {}, target_state: {} }
const about = { approval_id: randomUUID(), action, action_hash: 'a'.repeat(64) }
const request = approvalRequested({
  ...stamp,
  ...about,
  title: { 'zh-TW': '回復 cart' },
  reason: { en: 'because' },
  expires_at: now + 90_000,
})
const closed: ApprovalClosed = {
  ...stamp,
  ...about,
  outcome: 'refused',
  code: 'target_moved',
  reason: null,
  decided_by: null,
  decision_jti: null,
}
const completed: ActionCompleted = {
  ...stamp,
  ...about,
  outcome: 'failed',
  effect: 'unknown',
  execution_id: null,
  output: null,
  error: 'it <did> not start',
  checks: [],
  started_at: null,
  finished_at: null,
  code: 'execution_failed',
}
const session = {
  id: 's',
  person: {
    kind: 'person' as const,
    iss: 'i',
    sub: 'al"ice',
    identity: 'i|alice',
    tenant: 'default',
    roles: [],
    scopes: [],
  },
  formToken: 'token',
  expiresAt: now,
}
const page = (over: Partial<Approval>, language: Language = 'en') =>
  approvalsPage(
    session,
    {
      items: [{ id: 'one', status: 'pending', request, closed: null, action: null, decision: null, ...over }],
      older: null,
    },
    now,
    language,
  )

test('what waits shows how long it still can, and the title in the language there is', () => {
  const text = page({})
  expect(text).toContain('in 2 min')
  expect(text).toContain('回復 cart')
  expect(text).toContain('name="decision" value="approved"')
  expect(text).toContain('al&#34;ice')
  expect(text).toContain('no role')
})

test('what is closed shows why and what came of it, and cannot be decided', () => {
  const text = page({ status: 'refused', closed, action: completed })
  expect(text).toContain('refused (target_moved)')
  expect(text).toContain('it &#60;did&#62; not start')
  expect(text).toContain('Nothing waits.')
  expect(text).not.toContain('name="decision"')
})

test('a page is told in the language asked for, titles and reasons too where they are in it', () => {
  const text = page({}, 'zh-TW')
  expect(text).toContain('lang="zh-TW"')
  expect(text).toContain('等待決定')
  expect(text).toContain('2 分鐘後')
  expect(text).toContain('回復 cart')
  expect(text).toContain('because')
})

test('what was decided is told in the language asked for, down to why', () => {
  const text = page({ status: 'refused', closed: { ...closed, code: 'own_request' }, action: completed }, 'zh-TW')
  expect(text).toContain('<dd>已駁回</dd>')
  expect(text).toContain('已駁回 (own_request) 要求這個工作階段的人不能決定它的動作')
  expect(text).toContain('失敗，未知。控制平面回報失敗（it &#60;did&#62; not start）')
  expect(text).toContain('<dt>風險</dt><dd>中</dd>')
})

test('an empty page says so', () => {
  expect(approvalsPage(session, { items: [], older: null }, now, 'en')).toContain('Nothing yet.')
})
