/** Sessions about one fault propose one action: one approval stays open, and none remains after the target has changed. */
import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { actionHash } from '../../schemas/action-hash.ts'
import type { ActionProposed, ApprovalClosed, ApprovalRequested } from '../../schemas/events.generated.ts'
import { actionProposed, BAD, distinctRole, GOOD, rollback } from '../events/requests.ts'
import { until } from '../runtime/counting.ts'
import { approvalFor } from './approval.ts'
import { type Loop, type LoopBus, openLoop } from './loop.ts'

/** Each bus has its own test file and database, so that no test joins an approval that another left open. */
export function proposals(name: string, setUpBus: LoopBus) {
  describe(`proposals of one action over ${name}`, { timeout: 180_000 }, () => {
    let loop: Loop
    /** a role per test, so that no other test's approval is joined */
    let approver_roles: string[]
    beforeAll(async () => {
      loop = await openLoop(setUpBus)
    }, 180_000)
    afterAll(() => loop?.close(), 60_000)
    beforeEach(async () => {
      approver_roles = ['team_manager', distinctRole()]
      await loop.deployBad()
    })

    const proposal = (change: Partial<ApprovalRequested> = {}) => approvalFor(loop, { approver_roles, ...change })
    const propose = async (...approvals: ApprovalRequested[]) => {
      await loop.bus.publish(await Promise.all(approvals.map((one) => loop.bus.encode('ApprovalRequested', one))))
      return approvals
    }
    const byPeople = async (...proposed: ActionProposed[]) =>
      loop.bus.publish(await Promise.all(proposed.map((one) => loop.bus.encode('ActionProposed', one))))
    const approvalOf = ({ approval_id }: ActionProposed) =>
      loop.first('ApprovalRequested', (one) => one.approval_id === approval_id)
    const closing = ({ approval_id }: ApprovalRequested) =>
      loop.first('ApprovalClosed', (value) => value.approval_id === approval_id)
    const closings = async (approvals: readonly ApprovalRequested[]) =>
      loop.all('ApprovalClosed', (value) => approvals.some((one) => one.approval_id === value.approval_id))
    const rollbacks = () => loop.services.deployed.filter((one) => one === `cart ${GOOD}`).length
    /** the executor's runs must have ended before their results are read */
    const concluded = async (approvals: readonly ApprovalRequested[]) => {
      for (const one of approvals) await loop.opened(one)
      for (const one of approvals) await loop.concluded(one.session_id)
    }
    const opens = async (approvals: readonly ApprovalRequested[]) => {
      const closed = new Set((await closings(approvals)).map((one) => one.approval_id))
      return approvals.filter((one) => !closed.has(one.approval_id))
    }

    describe('while its owner lives', () => {
      let agents: Awaited<ReturnType<Loop['startAgents']>>
      beforeAll(async () => {
        agents = await loop.startAgents()
      }, 180_000)
      afterAll(() => agents?.stop())

      it('stays single with four sessions about one fault: three join the first, one is decided and run, none stays open', async () => {
        const before = rollbacks()
        const sessions = [await loop.ask(), await loop.ask(), await loop.ask(), await loop.ask()]
        const all: ApprovalRequested[] = []
        for (const session of sessions)
          all.push(await loop.first('ApprovalRequested', (one) => one.session_id === session))
        await concluded(all)
        const [open, ...more] = await opens(all)
        expect(more).toEqual([])
        for (const one of await closings(all))
          expect(one).toMatchObject({
            outcome: 'joined',
            code: 'joined',
            joined_approval: open!.approval_id,
            decided_by: null,
          })
        await loop.decide(open!)
        expect(await loop.first('ActionCompleted', (one) => one.approval_id === open!.approval_id)).toMatchObject({ outcome: 'succeeded' }) // prettier-ignore
        expect(await opens(all)).toEqual([])
        expect(await closings(all)).toHaveLength(4)
        expect(rollbacks() - before).toBe(1)
      })

      it('stays single when two executors open many at once', async () => {
        const another = await loop.startAgents()
        const all = await propose(...Array.from({ length: 12 }, () => proposal()))
        await concluded(all)
        await until(60_000, 'eleven are closed', async () => ((await closings(all)).length === 11 ? true : undefined))
        const [open, ...more] = await opens(all)
        expect(more).toEqual([])
        expect(new Set((await closings(all)).map((one) => one.joined_approval))).toEqual(new Set([open!.approval_id]))
        await another.stop()
      })

      it.each<[string, Partial<ApprovalRequested>]>([
        ['of another tenant', { tenant: 'other' }],
        ['for another state of the target', actionOf({ target_state: { image_tag: 'cart:1.5.1' } })],
        ['that goes elsewhere', actionOf({ parameters: { image_tag: 'cart:1.4.1' } })],
        ['that other people decide on', { approver_roles: ['super_admin', distinctRole()] }],
        [
          'under the hash of another',
          { action: { ...rollback, parameters: { image_tag: 'cart:0' } }, action_hash: actionHash(rollback) },
        ],
      ])('is not joined by one %s', async (_what, change) => {
        const first = proposal(change)
        await propose(first)
        await concluded([first])
        const second = proposal()
        await propose(second)
        await concluded([second])
        expect((await closings([first, second])).filter((one) => one.outcome === 'joined')).toEqual([])
      })

      it('stands alone if the one before it has expired or was already decided', async () => {
        const first = proposal({ expires_at: Date.now() + 1500 })
        const [second, third] = [proposal(), proposal()]
        await propose(first)
        expect(await closing(first)).toMatchObject({ outcome: 'expired' })
        await propose(second)
        await concluded([second])
        expect(await opens([second])).toEqual([second])
        await loop.decide(third, { decision: 'rejected' })
        await loop.held(third)
        await propose(third)
        expect(await closing(third)).toMatchObject({ outcome: 'rejected' })
        expect(await opens([second])).toEqual([second])
      })

      it('is opened and joined once, however often its request arrives', async () => {
        const [first, second] = [proposal(), proposal()]
        await propose(first, second, second, first)
        await concluded([first, second])
        await propose(second, first, { ...second, event_id: randomUUID() })
        await agents.stop()
        agents = await loop.startAgents()
        await concluded([first, second])
        expect(await closings([first, second])).toHaveLength(1)
      })

      it('is closed as overtaken when its target has changed, by another action or by hand', async () => {
        const [mine, other, elsewhere] = [
          proposal(),
          proposal(actionOf({ parameters: { image_tag: 'cart:1.4.0' } })),
          proposal(actionOf({ service: 'frontend', target_state: { image_tag: 'frontend:3.2.0' } })),
        ]
        await propose(mine, other, elsewhere)
        await concluded([mine, other, elsewhere])
        await loop.decide(mine)
        const reason = `image_tag is ${GOOD}, not ${BAD}`
        expect(await closing(other)).toMatchObject({
          outcome: 'overtaken',
          code: 'overtaken',
          reason,
          decided_by: null,
        })
        expect(await opens([elsewhere])).toEqual([elsewhere])

        await loop.deployBad()
        const [decided, left] = [proposal(), proposal(actionOf({ parameters: { image_tag: 'cart:1.4.0' } }))]
        await propose(decided, left)
        await concluded([decided, left])
        await loop.services.deploy('cart', GOOD)
        await loop.decide(decided)
        expect(await closing(decided)).toMatchObject({ outcome: 'refused', code: 'target_changed' })
        expect(await closing(left)).toMatchObject({ outcome: 'overtaken', reason })
      })

      it('is closed as overtaken even if its request arrives after another action ran', async () => {
        const [mine, late] = [proposal(), proposal()]
        await propose(mine)
        await loop.opened(mine)
        await loop.decide(mine)
        await loop.first('ActionCompleted', (one) => one.approval_id === mine.approval_id)
        await propose(late)
        expect(await closing(late)).toMatchObject({ outcome: 'overtaken' })
      })

      it('is the same by hand: it joins the open one, its dry run may fail, and it runs once', async () => {
        const session = await loop.ask()
        const { run_id, onset } = await loop.first('DiagnosisCompleted', (one) => one.session_id === session)
        const own = await loop.first('ApprovalRequested', (one) => one.session_id === session)
        const byHand = (change: Partial<ActionProposed>) =>
          actionProposed({ session_id: session, diagnosis_run: run_id, since: onset, ...change })
        const same = byHand({ type: own.action.type, parameters: own.action.parameters })
        const failing = byHand({ type: 'rollback', parameters: { image_tag: 'cart:0' } })
        const restart = byHand({ type: 'restart' })
        await byPeople(same, failing, restart)
        expect(await closing(await approvalOf(same))).toMatchObject({
          outcome: 'joined',
          joined_approval: own.approval_id,
        })
        const outcomeOf = async (proposed: ActionProposed) => {
          const approval = await approvalOf(proposed)
          expect(approval).toMatchObject({ proposed_by: proposed.proposed_by, reason: { en: proposed.reason } })
          expect(approval.checks.length).toBeGreaterThan(0)
          await loop.opened(approval)
          await loop.decide(approval)
          return loop.first('ActionCompleted', (one) => one.approval_id === approval.approval_id)
        }
        expect(await outcomeOf(failing)).toMatchObject({ outcome: 'not_run', code: 'dry_run_failed' })
        expect(await outcomeOf(restart)).toMatchObject({ outcome: 'succeeded' })
      })
    })

    describe('if its owner is killed', () => {
      afterEach(() => loop.killAgents())

      /** Kafka differs only in how an agent publishes. */
      const dying = (run: string, boundaries: readonly string[]) =>
        boundaries.filter((one) => name === 'PostgreSQL' || one.startsWith('publish')).map((one) => `${run}/${one}`)

      it('by hand becomes one approval, although its target was read twice', async () => {
        const proposed = actionProposed({ type: 'rollback', parameters: { image_tag: GOOD } })
        const [, heir] = await loop.relay([`assistant/${proposed.event_id}/target:done`], () => byPeople(proposed))
        await approvalOf(proposed)
        await loop.ended(`assistant/${proposed.event_id}`)
        expect(await loop.all('ApprovalRequested', (one) => one.approval_id === proposed.approval_id)).toHaveLength(1)
        await heir.stop()
      })

      const told = async (approvals: ApprovalRequested[], outcome: string): Promise<ApprovalClosed[]> => {
        for (const one of approvals) await closing(one)
        await concluded(approvals)
        const all = await closings(approvals)
        expect(all.map((one) => one.outcome)).toEqual(approvals.map(() => outcome))
        return all
      }

      it('is joined once, at every boundary', async () => {
        const [first, second] = [proposal(), proposal()]
        const opening = dying(`executor/${second.event_id}`, ['open:done', 'open:journaled', 'publish 0:journaled'])
        const [, heir] = await loop.relay(opening, async () => {
          await propose(first)
          await concluded([first])
          await propose(second)
        })
        await told([second], 'joined')
        expect(await opens([first])).toEqual([first])
        await heir.stop()
      })

      it('is overtaken once, at every boundary', async () => {
        const before = rollbacks()
        const [mine, other] = [proposal(), proposal(actionOf({ parameters: { image_tag: 'cart:1.4.0' } }))]
        const decision = randomUUID()
        const steps = ['others', 'moved target', 'overtake'].flatMap((step) => [`${step}:done`, `${step}:journaled`])
        const executing = dying(`executor/${decision}`, [...steps, 'publish 4:journaled', 'publish 5:journaled'])
        const [, heir] = await loop.relay(executing, async () => {
          await propose(mine, other)
          await concluded([mine, other])
          await loop.decide(mine, {}, loop.keys, decision)
        })
        await loop.first('ActionCompleted', (one) => one.approval_id === mine.approval_id)
        await told([other], 'overtaken')
        expect(rollbacks() - before).toBe(1)
        await heir.stop()
      })
    })
  })
}

const actionOf = (change: Partial<ApprovalRequested['action']>) => {
  const action = { ...rollback, ...change }
  return { action, action_hash: actionHash(action) }
}
