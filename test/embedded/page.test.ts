import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import type { Approval } from '../../embedded/control-plane/approvals/approvals.ts'
import { approvalsPage, messagePage } from '../../embedded/control-plane/approvals/page.ts'
import type { Language } from '../../gateway/present/language.ts'
import type { ActionCompleted, ApprovalClosed, Check } from '../../schemas/events.generated.ts'
import { actionHash } from '../../schemas/action-hash.ts'
import { approvalRequested, rollback } from '../events/requests.ts'

const now = Date.UTC(2026, 0, 1)
const stamp = { event_id: randomUUID(), session_id: randomUUID(), sequence: 0, tenant: 'default', occurred_at: now }
const action = rollback
const about = { approval_id: randomUUID(), action, action_hash: actionHash(action) }
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
  joined_approval: null,
  approved_by: [],
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
    agent: false,
    roles: [],
    scopes: [],
  },
  place: 'place',
  formToken: 'token',
  expiresAt: now,
  idToken: null,
}
const page = (over: Partial<Approval>, language: Language = 'en') =>
  approvalsPage(
    session,
    {
      items: [
        {
          id: 'one',
          status: 'pending',
          request,
          closed: null,
          action: null,
          decision: null,
          approvalsNeeded: 1,
          approvedBy: [],
          ignoredStatement: false,
          ...over,
        },
      ],
      older: null,
    },
    now,
    language,
  )

test('an open approval shows the time left, and its title in the available language', () => {
  const text = page({})
  expect(text).toContain('in 2 min')
  expect(text).toContain('回復 cart')
  expect(text).toContain('name="decision" value="approved"')
  expect(text).toContain('al&#34;ice')
  expect(text).toContain('no role')
})

test('a closed approval shows why and its outcome, and cannot be decided', () => {
  const text = page({ status: 'refused', closed, action: completed })
  expect(text).toContain('refused (target_moved)')
  expect(text).toContain('it &#60;did&#62; not start')
  expect(text).toContain('Nothing is waiting for a decision.')
  expect(text).not.toContain('name="decision"')
})

test('the page, titles and reasons are in the requested language if available', () => {
  const text = page({}, 'zh-TW')
  expect(text).toContain('lang="zh-TW"')
  expect(text).toContain('等待決定')
  expect(text).toContain('2 分鐘後')
  expect(text).toContain('回復 cart')
  expect(text).toContain('because')
})

test('the reason of a proposal by hand is shown as that of its author, and not of the assistant', () => {
  const proposed_by = { id: 'i|c<b>arol', role: 'team_manager', client: 'console', via: 'mcp' }
  const text = page({ request: { ...request, proposed_by } })
  expect(text).toContain(
    '<small>Proposed by c&#60;b&#62;arol (team_manager, by an assistant), who may not decide on it:</small>',
  )
  expect(text).toContain('because')
  expect(text).not.toContain('Note by the assistant')
})

test('a past decision is shown in the requested language, with its reason', () => {
  const text = page({ status: 'refused', closed: { ...closed, code: 'own_request' }, action: completed }, 'zh-TW')
  expect(text).toContain('<dd>已駁回</dd>')
  expect(text).toContain('已駁回 (own_request)')
  expect(text).toContain('<small>執行器的說明：</small><p dir="auto">發起這個工作階段的人不能核准其動作</p>')
  expect(text).toContain('失敗，未知')
  expect(text).toContain('控制平面回報失敗（it &#60;did&#62; not start）')
  expect(text).toContain('<dt>風險</dt><dd>中</dd>')
})

test('a decided approval names who decided it, and gives their reason as theirs, wherever they decided', () => {
  const decided = { ...closed, outcome: 'approved', code: 'decided', reason: 'bad release', decided_by: 'i|carol' }
  const text = page({ status: 'approved', closed: decided })
  expect(text).toContain('<dt>Closed</dt><dd>approved by <bdi>carol</bdi>')
  expect(text).toContain('<small>Written by carol:</small><p dir="auto">bad release</p>')
  expect(text).not.toContain('From the executor')
  const here = { decision: 'approved', reason: 'bad release', decider: 'carol' }
  expect(page({ status: 'approved', closed: decided, decision: here }).match(/bad release/g)).toHaveLength(1)
  expect(page({ status: 'approved', closed: decided }, 'zh-TW')).toContain('<dt>結案</dt><dd><bdi>carol</bdi>：已核准')
})

test('a code that repeats the outcome is left out', () => {
  const text = page({ status: 'joined', closed: { ...closed, outcome: 'joined', code: 'joined', joined_approval: 'other' } }) // prettier-ignore
  expect(text).toContain('<dt>Closed</dt><dd>joined <blockquote>')
})

test('the levels that will be verified have their units', () => {
  const check = (indicator: string, normal: number | null, disturbed: number, unit: string | null): Check => ({
    ...{ tool: 'prometheus', service: 'cart', namespace: null, bad_direction: 'up', evidence_id: null },
    ...{ indicator, normal, disturbed, unit },
  })
  const checks = [check('latency_p95', 24.1, 925, 'ms'), check('error_ratio', 0, 0.268, 'ratio'), check('queue', null, 7, null)] // prettier-ignore
  const text = page({ request: { ...request, checks } })
  expect(text).toContain('<code>cart latency_p95</code> (24.1 ms → 925 ms)')
  expect(text).toContain('<code>cart error_ratio</code> (0 % → 26.8 %)')
  expect(text).toContain('<code>cart queue</code> (? → 7)')
})

test('an empty page says so', () => {
  expect(approvalsPage(session, { items: [], older: null }, now, 'en')).toContain('Nothing yet.')
})

const ACTED_ON = /<h3>([^<]*)<\/h3>\s*<dl>(.*?)<\/dl>/s

test('the action shown comes from the action itself, whatever its title says', () => {
  const lying = { ...request, title: { en: 'Restart the test service' }, reason: { en: 'harmless' } }
  const [, heading, facts] = ACTED_ON.exec(page({ request: lying })) ?? []
  expect(heading).toBe('Roll back shop / cart from cart:1.5.0 to cart:1.4.2')
  expect(facts).toBe(
    '<dt>Action</dt><dd><code>rollback</code></dd><dt>Target</dt><dd><code>shop / cart</code></dd>' +
      '<dt>Parameters</dt><dd><code>image_tag = cart:1.4.2</code></dd><dt>Only if still</dt><dd><code>image_tag = cart:1.5.0</code></dd>',
  )
  expect(page({ request: lying })).toContain(
    '<blockquote><small>Note by the assistant, not part of the action:</small>' +
      '<p dir="auto">Restart the test service</p><p dir="auto">harmless</p></blockquote>',
  )
})

test('the text of an action hides nothing', () => {
  const extra = { ...action, parameters: { image_tag: 'cart:1.4.2', and: 'drop the database' } }
  const text = page({ request: { ...request, action: extra, action_hash: actionHash(extra) } })
  expect(text).toContain(
    '<h3>Run rollback on shop / cart with and = &#34;drop the database&#34;, image_tag = cart:1.4.2</h3>',
  )
})

test('an action that does not match its hash cannot be decided, and the page says so', () => {
  const text = page({ request: { ...request, action: { ...action, service: 'orders' } } })
  expect(text).toContain('the hash of the approval does not match its action')
  expect(text).not.toContain('name="decision"')
})

test('nothing on the page is invisible, reversed or a look-alike, whatever its source', () => {
  const bad = 'a\u202eb\u0000c\u200bd\u2066e\u001b[2J\u{e0041}\n'
  const odd = {
    type: bad,
    service: `с${bad}`,
    namespace: bad,
    parameters: { [bad]: bad },
    target_state: { [bad]: bad },
  }
  const hash = { action: odd, action_hash: actionHash(odd) }
  const wrong = {
    ...request,
    ...hash,
    title: { en: bad },
    reason: { en: bad },
    risk: bad,
    evidence: [bad],
    session_id: bad,
  }
  const over: Partial<Approval> = {
    status: bad,
    request: wrong,
    closed: { ...closed, ...hash, outcome: bad, code: bad, reason: bad },
    action: { ...completed, ...hash, outcome: bad, effect: bad, error: null, output: bad },
    decision: { decision: bad, reason: bad, decider: bad },
    approvalsNeeded: 2,
    approvedBy: [{ person: bad, reason: bad }],
  }
  const who = { ...session, person: { ...session.person, sub: bad, roles: [bad] } }
  const items = [{ id: 'one', request, ...over } as Approval]
  for (const language of ['en', 'zh-TW'] as const) {
    const text = [
      approvalsPage(who, { items, older: null }, now, language),
      messagePage(bad, language, '/approvals'),
      page({ request: wrong, approvalsNeeded: 2, approvedBy: [{ person: bad, reason: bad }] }, language),
    ].join('')
    expect(text.match(/[^\P{C}\n]/gu)).toBeNull()
    expect(text).toContain('a\\u202eb\\u0000c\\u200bd\\u2066e\\u001b[2J\\udb40\\udc41')
    expect(text).toContain('&#34;\\u0441a')
  }
})

test('no text is long enough to push the decision out of sight', () => {
  const text = page({ request: { ...request, reason: { en: 'x'.repeat(500_000) } } })
  expect(text.length).toBeLessThan(10_000)
  expect(text).toContain('… (498000 more characters)')
})
