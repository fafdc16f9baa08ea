import { describe, expect, it } from 'vitest'
import { expire, judge } from '../../agents/executor/judge.ts'
import type { DecisionClaim } from '../../schemas/decision.ts'
import { approvalRequested, rollback } from '../events/requests.ts'
import { singleTenant } from '../../tenants/tenants.ts'

const NOW = Date.parse('2026-03-01T12:00:00Z')
const request = approvalRequested({
  occurred_at: NOW - 60_000,
  approval_id: 'a1',
  approver_roles: ['team_manager', 'super_admin'],
  expires_at: NOW + 600_000,
})
const claim: DecisionClaim = {
  iss: 'sre-gateway',
  aud: 'sre-executor',
  sub: 'alice',
  decider_iss: 'https://issuer',
  roles: ['team_manager'],
  jti: 'j1',
  iat: NOW / 1000 - 5,
  exp: NOW / 1000 + 300,
  tenant: 'default',
  approval_id: 'a1',
  action_hash: request.action_hash,
  decision: 'approved',
  reason: 'go ahead',
}
const decide = (change: Partial<DecisionClaim>, asked = request, now = NOW) =>
  judge(asked, { ok: true, claim: { ...claim, ...change }, kid: 'k1' }, singleTenant.of(asked.tenant), now)

describe('judging a decision', () => {
  it('approves a timely decision on this action, signed by a person with the role', () => {
    expect(decide({})).toEqual({
      outcome: 'approved',
      code: 'decided',
      reason: 'go ahead',
      decidedBy: 'https://issuer|alice',
      jti: 'j1',
      issuer: 'sre-gateway',
    })
  })

  it('accepts a rejection', () => {
    expect(decide({ decision: 'rejected', reason: 'not now' })).toMatchObject({
      outcome: 'rejected',
      code: 'decided',
      reason: 'not now',
    })
  })

  it.each([
    ['another approval', { approval_id: 'a2' }, 'wrong_approval'],
    ['another tenant', { tenant: 'other' }, 'wrong_tenant'],
    ['the hash of another action', { action_hash: '0'.repeat(64) }, 'wrong_hash'],
    ['an old signature', { exp: NOW / 1000 - 1 }, 'decision_expired'],
    ['a signature from the future', { iat: NOW / 1000 + 3600 }, 'not_yet_valid'],
    ['who asked for the session', { sub: 'control-plane' }, 'own_request'],
    ['a person without the role', { roles: ['team_member'] }, 'wrong_role'],
    ['a person without any role', { roles: [] }, 'wrong_role'],
  ])('refuses %s', (_what, change, code) => {
    const closing = decide(change)
    expect(closing).toMatchObject({ outcome: 'refused', code })
    expect(closing.reason).not.toBe('')
  })

  it('refuses the person who proposed the action, and nobody else for that', () => {
    const proposed_by = { id: 'https://issuer|alice', role: 'team_manager', client: 'console', via: 'mcp' }
    expect(decide({}, { ...request, proposed_by })).toMatchObject({ outcome: 'refused', code: 'own_proposal' })
    const other = { ...proposed_by, id: 'https://issuer|carol' }
    expect(decide({}, { ...request, proposed_by: other })).toMatchObject({ outcome: 'approved' })
  })

  it("refuses a decision consumed after the approval's expiry, by its own clock", () => {
    expect(decide({ exp: NOW / 1000 + 10_000 }, request, request.expires_at)).toMatchObject({
      outcome: 'refused',
      code: 'expired',
    })
  })

  it('refuses a request whose action was altered after hashing', () => {
    const altered = { ...request, action: { ...rollback, parameters: { image_tag: '6.6.6' } } }
    expect(decide({}, altered)).toMatchObject({ outcome: 'refused', code: 'altered_action' })
  })

  it('names no decider if the signature is invalid', () => {
    expect(
      judge(request, { ok: false, code: 'bad_signature', reason: 'forged' }, singleTenant.of('default'), NOW),
    ).toEqual({
      outcome: 'refused',
      code: 'bad_signature',
      reason: 'forged',
      decidedBy: null,
      jti: null,
      issuer: null,
    })
  })

  it('says until when no decision was made', () => {
    expect(expire(request)).toMatchObject({
      outcome: 'expired',
      code: 'expired',
      reason: 'nobody decided before 2026-03-01T12:10:00.000Z',
    })
  })
})
