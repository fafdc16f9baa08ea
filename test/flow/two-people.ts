/** An action of critical risk: two different people, each with a signature of their own, or it does not run. */
import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ApprovalRequested } from '../../schemas/events.generated.ts'
import { GOOD } from '../events/requests.ts'
import { until } from '../runtime/counting.ts'
import { approvalFor } from './approval.ts'
import { type Loop, type LoopBus, openLoop } from './loop.ts'

export function twoPeople(name: string, setUpBus: LoopBus): void {
  describe(`an action of critical risk over ${name}`, { timeout: 180_000 }, () => {
    let loop: Loop
    let deployed: number
    beforeAll(async () => {
      loop = await openLoop(setUpBus)
    }, 180_000)
    afterAll(() => loop?.close(), 60_000)
    beforeEach(async () => {
      await loop.deployBad()
      deployed = loop.services.deployed.length
    })

    const person = (who: string) => `${loop.setting.issuer.url}|${who}`
    const rollbacks = () => loop.services.deployed.slice(deployed).filter((one) => one === `cart ${GOOD}`).length
    const about = (approval: ApprovalRequested) => (value: { approval_id: string }) =>
      value.approval_id === approval.approval_id
    const requested = async (change: Partial<ApprovalRequested> = {}) => {
      const approval = approvalFor(loop, { risk: 'critical', ...change })
      await loop.bus.publish([await loop.bus.encode('ApprovalRequested', approval)])
      await loop.opened(approval)
      return approval
    }
    const counted = (approval: ApprovalRequested) => loop.first('ApprovalCounted', about(approval))
    const closed = (approval: ApprovalRequested) => loop.first('ApprovalClosed', about(approval))
    /** Waits until this many decisions on the approval have been judged. */
    const judged = ({ approval_id }: ApprovalRequested, count: number) =>
      until(60_000, `${count} decisions on ${approval_id} are judged`, async () => {
        const { rows } = await loop.setting.pool.query<{ outcome: string; code: string }>(
          `SELECT outcome, code FROM executor.audit WHERE approval_id = $1 ORDER BY id`,
          [approval_id],
        )
        return rows.length >= count ? rows : undefined
      })
    const expectOneRun = async (approval: ApprovalRequested, people: readonly string[]) => {
      expect(await loop.first('ActionCompleted', about(approval))).toMatchObject({ outcome: 'succeeded' })
      await loop.concluded(approval.session_id)
      expect(await loop.all('ApprovalClosed', about(approval))).toMatchObject([
        { outcome: 'approved', code: 'decided', approved_by: people.map(person), decided_by: person(people[1] ?? '') },
      ])
      expect(await loop.all('ActionCompleted', about(approval))).toHaveLength(1)
      expect(rollbacks()).toBe(1)
    }

    describe('decided while its executor lives', () => {
      let agents: Awaited<ReturnType<Loop['startAgents']>>
      beforeAll(async () => {
        agents = await loop.startAgents()
      }, 180_000)
      afterAll(() => agents?.stop())

      it('runs once two people have approved it, however often one of them does, and across a restart', async () => {
        const approval = await requested()
        const jws = await loop.decide(approval, { sub: 'alice', reason: 'first' })
        expect(await counted(approval)).toMatchObject({ approved_by: person('alice'), reason: 'first' })
        await agents.stop()
        agents = await loop.startAgents()
        await loop.publishDecision(approval, jws)
        await loop.decide(approval, { sub: 'alice' })
        expect(await judged(approval, 3)).toEqual([
          { outcome: 'counted', code: 'decided' },
          { outcome: 'refused', code: 'same_person' },
          { outcome: 'refused', code: 'same_person' },
        ])
        expect(await loop.all('ApprovalClosed', about(approval))).toEqual([])
        expect(rollbacks()).toBe(0)
        await loop.decide(approval, { sub: 'carol' })
        await expectOneRun(approval, ['alice', 'carol'])
        expect(await loop.all('ApprovalCounted', about(approval))).toHaveLength(1)
      })

      it('does not run once one person has rejected it', async () => {
        const approval = await requested()
        await loop.decide(approval, { sub: 'alice' })
        await counted(approval)
        await loop.decide(approval, { sub: 'carol', decision: 'rejected', reason: 'not today' })
        expect(await closed(approval)).toMatchObject({ outcome: 'rejected', reason: 'not today', approved_by: [] })
        await loop.decide(approval, { sub: 'root', roles: ['super_admin'] })
        expect((await judged(approval, 3)).at(-1)).toMatchObject({ code: 'already_closed' })
        expect(rollbacks()).toBe(0)
      })

      it.each([
        ['the requester', { sub: 'control-plane' }, 'own_request'],
        ['somebody without the role', { sub: 'bob', roles: ['team_member'] }, 'wrong_role'],
        ['a signature over another action', { sub: 'carol', action_hash: 'f'.repeat(64) }, 'wrong_hash'],
        ['an expired signature', { sub: 'carol', exp: 1 }, 'decision_expired'],
      ])('does not run with %s as the second approval', async (_what, claim, code) => {
        const approval = await requested()
        await loop.decide(approval, { sub: 'alice' })
        await counted(approval)
        await loop.decide(approval, claim)
        expect(await closed(approval)).toMatchObject({ outcome: 'refused', code })
        expect(rollbacks()).toBe(0)
      })

      it('runs if both approvals arrived before the request', async () => {
        const approval = approvalFor(loop, { risk: 'critical' })
        await loop.decide(approval, { sub: 'alice' })
        await loop.decide(approval, { sub: 'alice' })
        await loop.decide(approval, { sub: 'carol' })
        await until(60_000, 'three decisions are held', async () => {
          const held = `SELECT FROM executor.held_decisions WHERE approval_id = $1 AND genuine`
          return (await loop.setting.pool.query(held, [approval.approval_id])).rowCount === 3 ? true : undefined
        })
        await loop.bus.publish([await loop.bus.encode('ApprovalRequested', approval)])
        await loop.first('ActionCompleted', about(approval))
        await loop.concluded(approval.session_id)
        const [closing] = await loop.all('ApprovalClosed', about(approval))
        expect(closing).toMatchObject({ outcome: 'approved' })
        expect(closing?.approved_by.toSorted()).toEqual([person('alice'), person('carol')])
        expect(rollbacks()).toBe(1)
      })
    })

    describe('decided while its executors die', () => {
      afterEach(() => loop.killAgents())

      it('counts the first approval once, though its executors are killed at every boundary', async () => {
        const decision = randomUUID()
        // Kafka differs only in how an emission is published; on PostgreSQL that and its journal entry are one statement
        const boundaries =
          name === 'Kafka'
            ? ['publish 1:recorded', 'publish 1:done', 'publish 1:journaled']
            : ['target:journaled', 'close:done', 'close:journaled', 'publish 1:journaled']
        const [approval, heir] = await loop.relay(
          boundaries.map((one) => `executor/${decision}/${one}`),
          async () => {
            const approval = await requested()
            await loop.decide(approval, { sub: 'alice' }, loop.keys, decision)
            return approval
          },
        )
        await counted(approval)
        await loop.decide(approval, { sub: 'carol' })
        await expectOneRun(approval, ['alice', 'carol'])
        expect(await loop.all('ApprovalCounted', about(approval))).toHaveLength(1)
        await heir.stop()
      })

      // nothing of it is on the bus
      if (name === 'PostgreSQL')
        it('runs once, though the executors of the second approval are killed at every boundary', async () => {
          const decision = randomUUID()
          const [approval, heir] = await loop.relay(
            ['close:done', 'close:journaled', 'execute:done'].map((one) => `executor/${decision}/${one}`),
            async () => {
              const approval = await requested()
              await loop.decide(approval, { sub: 'alice' })
              await counted(approval)
              await loop.decide(approval, { sub: 'carol' }, loop.keys, decision)
              return approval
            },
          )
          await expectOneRun(approval, ['alice', 'carol'])
          await heir.stop()
        })
    })
  })
}
