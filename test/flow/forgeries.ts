/** Forged and misused decisions. */
import { randomUUID } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { actionHash } from '../../schemas/action-hash.ts'
import { deadLetterTopicName } from '../../schemas/contract.ts'
import type { ActionCompleted, ApprovalClosed, ApprovalRequested } from '../../schemas/events.generated.ts'
import { openSigningKeys } from '../../schemas/signing-keys.ts'
import { rollback } from '../events/requests.ts'
import { until } from '../runtime/counting.ts'
import { approvalFor } from './approval.ts'
import type { Loop } from './loop.ts'

/** None of these runs anything; each is closed as refused, with its reason. */
export function forgedDecisions(loop: () => Loop, rollbacks: () => number): void {
  describe('forged decisions', () => {
    const refused = async (approval: ApprovalRequested, code: string) => {
      const closed = await loop().first('ApprovalClosed', (value) => value.approval_id === approval.approval_id)
      expect(closed).toMatchObject({ outcome: 'refused', code })
      expect(closed.reason).toBeTruthy()
    }
    let agents: Awaited<ReturnType<Loop['startAgents']>>
    let before: number
    beforeAll(async () => {
      agents = await loop().startAgents()
    }, 180_000)
    afterAll(() => agents?.stop())
    beforeEach(() => {
      before = rollbacks()
    })
    afterEach(() => expect(rollbacks()).toBe(before))
    /** What the control-plane shows of it. */
    const shown = async ({ approval_id }: ApprovalRequested) => {
      const { rows } = await loop().setting.pool.query<Record<string, unknown>>(
        `SELECT closed, action, coalesce(closed->>'outcome', 'pending') AS status, ignored_statement
         FROM control_plane.approvals WHERE approval_id = $1 AND request IS NOT NULL`,
        [approval_id],
      )
      return rows[0] ?? {}
    }
    const putAside = (topic: string, value: Buffer) =>
      until(60_000, `a record of ${topic} is put aside`, async () => {
        for await (const letter of loop().bus.browse(deadLetterTopicName(topic, 'control-plane')))
          if (letter.value?.equals(value) === true) return true
        return undefined
      })
    const publish = async (change: Partial<ApprovalRequested> = {}) => {
      const approval = approvalFor(loop(), change)
      await loop().bus.publish([await loop().bus.encode('ApprovalRequested', approval)])
      return approval
    }

    it('unsigned', async () => {
      const approval = await publish()
      const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
      await loop().publishDecision(
        approval,
        `${part({ alg: 'none', typ: 'sre-decision+jwt', kid: 'k' })}.${part({ iss: 'sre-gateway', aud: 'sre-executor' })}.`,
      )
      await refused(approval, 'bad_algorithm')
    })
    it('signed with another key', async () => {
      const approval = await publish()
      const stranger = await openSigningKeys({ dir: mkdtempSync(join(tmpdir(), 'sre-flow-stranger-')) })
      await loop().decide(approval, {}, stranger)
      await refused(approval, 'unknown_key')
    })
    it('changed after it was signed', async () => {
      const [approval, other] = [await publish(), await publish()]
      const jws = await loop().decide(other, { decision: 'rejected' })
      const [head, body = '', signature] = jws.split('.')
      const claim = JSON.parse(Buffer.from(body, 'base64url').toString()) as object
      const altered = Buffer.from(
        JSON.stringify({ ...claim, decision: 'approved', approval_id: approval.approval_id }),
      ).toString('base64url')
      await loop().publishDecision(approval, [head, altered, signature].join('.'))
      await refused(approval, 'bad_signature')
    })
    it('for another action', async () => {
      const approval = await publish()
      await loop().decide(approval, { action_hash: 'f'.repeat(64) })
      await refused(approval, 'wrong_hash')
    })
    it('for an action that was altered after it was hashed', async () => {
      const approval = await publish({
        action: { ...rollback, parameters: { image_tag: 'cart:6.6.6' } },
        action_hash: actionHash(rollback),
      })
      await loop().decide(approval)
      await refused(approval, 'altered_action')
    })
    it('used before', async () => {
      const [first, second] = [await publish({ expires_at: Date.now() + 60_000 }), await publish()]
      const jti = randomUUID()
      await loop().decide(first, { jti, decision: 'rejected' })
      await loop().first('ApprovalClosed', (value) => value.approval_id === first.approval_id)
      await loop().decide(second, { jti })
      await refused(second, 'replayed')
    })
    it('too old', async () => {
      const approval = await publish()
      const past = Math.floor(Date.now() / 1000) - 600
      await loop().decide(approval, { iat: past, exp: past + 300 })
      await refused(approval, 'decision_expired')
    })
    it('by the requester of the session', async () => {
      const approval = await publish()
      await loop().decide(approval, { sub: 'control-plane' })
      await refused(approval, 'own_request')
    })
    it('by a person without the role', async () => {
      const approval = await publish()
      await loop().decide(approval, { roles: ['team_member'] })
      await refused(approval, 'wrong_role')
    })
    it('by a person whose role only the request names', async () => {
      const approval = await publish({ approver_roles: ['team_member'] })
      await loop().decide(approval, { roles: ['team_member'] })
      await refused(approval, 'wrong_role')
    })
    it('by another tenant', async () => {
      const approval = await publish()
      await loop().decide(approval, { tenant: 'somebody-else' })
      await refused(approval, 'wrong_tenant')
    })
    it('published for another tenant, which closes nothing', async () => {
      const approval = await publish()
      await loop().opened(approval)
      await loop().decide({ ...approval, tenant: 'somebody-else' })
      await loop().held(approval)
      await loop().decide(approval, { decision: 'rejected' })
      const closed = await loop().first('ApprovalClosed', (value) => value.approval_id === approval.approval_id)
      expect(closed).toMatchObject({ outcome: 'rejected', tenant: approval.tenant })
    })
    it.each([null, 'default'])('while actions are frozen (tenant %s)', async (tenant) => {
      await loop().freezes.freeze({ tenant, by: 'olivia', reason: 'audit week' })
      const approval = await publish()
      await loop().decide(approval)
      await refused(approval, 'frozen')
      await loop().freezes.lift({ tenant, by: 'olivia' })
    })
    it('after a forged closing and outcome, which are ignored', async () => {
      const approval = await publish()
      await loop().opened(approval)
      const forged = await Promise.all([
        loop().bus.encode('ApprovalClosed', closedBy(approval)),
        loop().bus.encode('ActionCompleted', carriedOut(approval)),
      ])
      await loop().bus.publish(forged)
      for (const { topic, value } of forged) await putAside(topic, value)
      const { closed, action, status } = await shown(approval)
      expect({ closed, action, status }).toEqual({ closed: null, action: null, status: 'pending' })

      await loop().decide(approval, { decision: 'rejected' })
      await until(60_000, 'what the executor says is shown', async () => (await shown(approval)).closed ?? undefined)
      expect(await shown(approval)).toMatchObject({ status: 'rejected', ignored_statement: true, action: null })
    })
    it('for a target that has changed since', async () => {
      const approval = await publish({ action: { ...rollback, target_state: { image_tag: 'cart:1.4.9' } } })
      await loop().decide(approval)
      await refused(approval, 'target_changed')
    })
  })
}

const about = ({ session_id, tenant, approval_id, action_hash }: ApprovalRequested) => ({
  ...{ event_id: randomUUID(), session_id, tenant, approval_id, action_hash },
  ...{ sequence: 0, occurred_at: Date.now() },
})

const closedBy = (approval: ApprovalRequested): ApprovalClosed => ({
  ...about(approval),
  ...{ outcome: 'approved', code: 'decided', reason: 'looks right', decided_by: 'http://issuer|alice' },
  decision_jti: randomUUID(),
  joined_approval: null,
  approved_by: [],
})

const carriedOut = (approval: ApprovalRequested): ActionCompleted => ({
  ...about(approval),
  ...{ action: approval.action, outcome: 'succeeded', effect: 'helped', execution_id: 'x', output: 'done' },
  ...{ error: null, code: null, checks: [], started_at: Date.now(), finished_at: Date.now() },
})
