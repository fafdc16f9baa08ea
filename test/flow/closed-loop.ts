/** From request to verified action, whatever dies on the way: one result, one approval, one action. */
import { randomUUID } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ApprovalRequested } from '../../schemas/events.generated.ts'
import { openSigningKeys } from '../../schemas/signing-keys.ts'
import { actionHash } from '../../schemas/action-hash.ts'
import { BAD, GOOD, type Loop, type LoopBus, openLoop } from './loop.ts'

const emissions = (count: number) => Array.from({ length: count }, (_, index) => `publish ${index}`)
const ASSISTANT = [...emissions(5), 'orient', 'gather', 'analyse', 'target'].map((step) => `assistant/${step}`)
const EXECUTOR = [
  ...emissions(5),
  'look up',
  'verify signature',
  'target',
  'close',
  'dry run',
  'begin',
  'execute',
  'finish',
  'range 0',
  'verify 0',
].map((step) => `executor/${step}`)
/** When a decision comes before its request, the run that opens the approval takes it. */
const HELD = ['open', 'held 0 verify signature', 'held 0 target', 'held 0 close'].map((step) => `executor/${step}`)
/** What is journaled for one step is the state before the next: with `before` of the first, every boundary is met. */
const boundaries = (steps: readonly string[]) => [
  `${steps[0]}:before`,
  ...steps.flatMap((step) => [
    ...(step.includes('/publish ') ? [`${step}:recorded`] : []),
    `${step}:done`,
    `${step}:journaled`,
  ]),
]

export function closedLoop(name: string, setUpBus: LoopBus) {
  describe(`the closed loop over ${name}`, { timeout: 60_000 }, () => {
    let loop: Loop
    beforeAll(async () => {
      loop = await openLoop(setUpBus)
    }, 120_000)
    afterAll(() => loop?.close(), 60_000)
    beforeEach(() => loop.deployBad())
    afterEach(() => loop.killAgents())

    const rollbacks = () => loop.services.deployed.filter((one) => one === `cart ${GOOD}`).length
    const approvalOf = (session: string) => loop.first('ApprovalRequested', (value) => value.session_id === session)

    /** One of each, and exactly one rollback more than before. */
    const expectOneOutcome = async (session: string, rollbacksBefore: number) => {
      const of = (value: { session_id: string }) => value.session_id === session
      const action = await loop.first('ActionCompleted', of)
      expect(action).toMatchObject({ outcome: 'succeeded', error: null })
      expect(await loop.all('DiagnosisCompleted', of)).toHaveLength(1)
      expect(await loop.all('ApprovalRequested', of)).toHaveLength(1)
      expect(await loop.all('ApprovalClosed', of)).toMatchObject([{ outcome: 'approved', code: 'decided' }])
      expect(await loop.all('ActionCompleted', of)).toHaveLength(1)
      expect(rollbacks() - rollbacksBefore).toBe(1)
    }

    it('goes from request to verified action', async () => {
      const before = rollbacks()
      const agents = await loop.startAgents()
      const session = await loop.ask()
      const result = await loop.first('DiagnosisCompleted', (value) => value.session_id === session)
      expect(result).toMatchObject({ status: 'completed', verdict: 'incident', revision: 1 })
      expect(result.root_causes[0]).toMatchObject({ service: 'cart' })
      expect(result.root_causes[0]?.change_id).not.toBeNull()
      const evidence = new Set(
        (await loop.all('EvidenceRecorded', (value) => value.session_id === session)).map((one) => one.evidence_id),
      )
      for (const claim of [...result.findings, ...result.root_causes]) {
        expect(claim.evidence.length).toBeGreaterThan(0)
        expect(claim.evidence.every((id) => evidence.has(id))).toBe(true)
      }
      const approval = await approvalOf(session)
      expect(approval.action).toMatchObject({
        type: 'rollback',
        service: 'cart',
        parameters: { image_tag: GOOD },
        target_state: { image_tag: BAD },
      })
      await loop.decide(approval)
      await expectOneOutcome(session, before)
      await agents.stop()
    })

    it.each([...boundaries(ASSISTANT), ...boundaries(EXECUTOR)])('survives SIGKILL at %s', async (boundary) => {
      const before = rollbacks()
      const victim = await loop.startAgents({ killAt: boundary })
      const session = await loop.ask()
      if (boundary.startsWith('assistant/')) await victim.died()
      const heir = boundary.startsWith('assistant/') ? await loop.startAgents() : null
      const approval = await approvalOf(session)
      await loop.opened(approval)
      await loop.decide(approval)
      await victim.died()
      const executor = heir ?? (await loop.startAgents())
      await loop.first('ActionCompleted', (value) => value.session_id === session)
      // what the victim had published last is concluded by its heir, and not a second time
      await loop.concluded(session)
      await expectOneOutcome(session, before)
      await executor.stop()
    })

    describe('a decision that arrives before its request is known to the executor', () => {
      const decideFirst = async (killAt?: string) => {
        const approval = approvalFor(randomUUID())
        await loop.decide(approval)
        const agents = await loop.startAgents(killAt === undefined ? {} : { killAt })
        await loop.held(approval)
        await loop.bus.publish([await loop.bus.encode('ApprovalRequested', approval)])
        return { agents, session: approval.session_id }
      }
      const expectOneAction = async (session: string, rollbacksBefore: number) => {
        const of = (value: { session_id: string }) => value.session_id === session
        expect(await loop.first('ActionCompleted', of)).toMatchObject({ outcome: 'succeeded' })
        await loop.concluded(session)
        expect(await loop.all('ApprovalClosed', of)).toMatchObject([{ outcome: 'approved' }])
        expect(await loop.all('ActionCompleted', of)).toHaveLength(1)
        expect(rollbacks() - rollbacksBefore).toBe(1)
      }

      it('is held and taken', async () => {
        const before = rollbacks()
        const { agents, session } = await decideFirst()
        await expectOneAction(session, before)
        await agents.stop()
      })

      it.each(boundaries(HELD))('survives SIGKILL at %s', async (boundary) => {
        const before = rollbacks()
        const { agents, session } = await decideFirst(boundary)
        await agents.died()
        const heir = await loop.startAgents()
        await expectOneAction(session, before)
        await heir.stop()
      })
    })

    it('closes as expired what nobody decides in time', async () => {
      const approval = { ...approvalFor(randomUUID()), expires_at: Date.now() + 2000 }
      const agents = await loop.startAgents()
      await loop.bus.publish([await loop.bus.encode('ApprovalRequested', approval)])
      const closed = await loop.first('ApprovalClosed', (value) => value.approval_id === approval.approval_id)
      expect(closed).toMatchObject({ outcome: 'expired', decided_by: null })
      await agents.stop()
    })

    describe('forged decisions', () => {
      const refused = async (approval: ApprovalRequested, code: string) => {
        const closed = await loop.first('ApprovalClosed', (value) => value.approval_id === approval.approval_id)
        expect(closed).toMatchObject({ outcome: 'refused', code })
        expect(closed.reason).toBeTruthy()
      }
      let agents: Awaited<ReturnType<Loop['startAgents']>>
      let before: number
      beforeEach(async () => {
        before = rollbacks()
        agents = await loop.startAgents()
      })
      afterEach(async () => {
        expect(rollbacks()).toBe(before)
        await agents.stop()
      })
      const publish = async (change: Partial<ApprovalRequested> = {}) => {
        const approval = { ...approvalFor(randomUUID()), ...change }
        await loop.bus.publish([await loop.bus.encode('ApprovalRequested', approval)])
        return approval
      }

      it('unsigned', async () => {
        const approval = await publish()
        const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
        await loop.publishDecision(
          approval,
          `${part({ alg: 'none', typ: 'sre-decision+jwt', kid: 'k' })}.${part({ iss: 'sre-gateway', aud: 'sre-executor' })}.`,
        )
        await refused(approval, 'bad_algorithm')
      })
      it('signed with another key', async () => {
        const approval = await publish()
        const stranger = await openSigningKeys({ dir: mkdtempSync(join(tmpdir(), 'sre-flow-stranger-')) })
        await loop.decide(approval, {}, stranger)
        await refused(approval, 'unknown_key')
      })
      it('changed after it was signed', async () => {
        const [approval, other] = [await publish(), await publish()]
        const jws = await loop.decide(other, { decision: 'rejected' })
        const [head, body = '', signature] = jws.split('.')
        const claim = JSON.parse(Buffer.from(body, 'base64url').toString()) as object
        const altered = Buffer.from(
          JSON.stringify({ ...claim, decision: 'approved', approval_id: approval.approval_id }),
        ).toString('base64url')
        await loop.publishDecision(approval, [head, altered, signature].join('.'))
        await refused(approval, 'bad_signature')
      })
      it('for another action', async () => {
        const approval = await publish()
        await loop.decide(approval, { action_hash: 'f'.repeat(64) })
        await refused(approval, 'wrong_hash')
      })
      it('for an action that was altered after it was hashed', async () => {
        const approval = await publish({
          action: { ...approvalFor('').action, parameters: { image_tag: 'cart:6.6.6' } },
        })
        await loop.decide(approval)
        await refused(approval, 'altered_action')
      })
      it('used before', async () => {
        const [first, second] = [await publish({ expires_at: Date.now() + 60_000 }), await publish()]
        const jti = randomUUID()
        await loop.decide(first, { jti, decision: 'rejected' })
        await loop.first('ApprovalClosed', (value) => value.approval_id === first.approval_id)
        await loop.decide(second, { jti })
        await refused(second, 'replayed')
      })
      it('too old', async () => {
        const approval = await publish()
        const past = Math.floor(Date.now() / 1000) - 600
        await loop.decide(approval, { iat: past, exp: past + 300 })
        await refused(approval, 'decision_expired')
      })
      it('by whoever asked', async () => {
        const approval = await publish()
        await loop.decide(approval, { sub: 'control-plane' })
        await refused(approval, 'own_request')
      })
      it('by somebody without the role', async () => {
        const approval = await publish()
        await loop.decide(approval, { roles: ['team_member'] })
        await refused(approval, 'wrong_role')
      })
      it('by another tenant', async () => {
        const approval = await publish()
        await loop.decide(approval, { tenant: 'somebody-else' })
        await refused(approval, 'wrong_tenant')
      })
      it('for a target that has changed since', async () => {
        const approval = await publish({ ...withTarget('cart:1.4.9') })
        await loop.decide(approval)
        await refused(approval, 'target_changed')
      })
    })

    const withTarget = (imageTag: string) => {
      const action = { ...approvalFor('').action, target_state: { image_tag: imageTag } }
      return { action, action_hash: actionHash(action) }
    }

    const approvalFor = (session: string): ApprovalRequested => {
      const action = {
        type: 'rollback',
        service: 'cart',
        namespace: 'shop',
        parameters: { image_tag: GOOD },
        target_state: { image_tag: BAD },
      }
      return {
        event_id: randomUUID(),
        session_id: session,
        sequence: 0,
        tenant: 'default',
        occurred_at: Date.now(),
        approval_id: randomUUID(),
        action,
        action_hash: actionHash(action),
        title: { en: 'Roll back cart' },
        reason: { en: 'a test asks' },
        risk: 'medium',
        requested_by: `${loop.setting.issuer.url}|control-plane`,
        approver_roles: ['team_manager'],
        expires_at: Date.now() + 600_000,
        evidence: [],
        checks: [],
      }
    }
  })
}
