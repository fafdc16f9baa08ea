/** An action that made things worse is followed by exactly one request to undo it, whichever process dies; a person decides on it as on any other. */
import { randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { DECIDERS } from '../../actions/catalogue.ts'
import { actionHash } from '../../schemas/action-hash.ts'
import type { Action, ApprovalRequested } from '../../schemas/events.generated.ts'
import { BAD, GOOD, rollback } from '../events/requests.ts'
import { approvalFor } from './approval.ts'
import { type AgentsOptions, type Loop, type LoopBus, openLoop } from './loop.ts'
import { measuredCart } from './measured-cart.ts'

/** A rollback to a release that turns out to be bad. */
const worsening: Action = { ...rollback, parameters: { image_tag: BAD }, target_state: { image_tag: GOOD } }
/** A little slow before the action. */
const CHECK = { tool: 'prometheus', service: 'cart', namespace: 'shop', indicator: 'latency_p95', bad_direction: 'up', normal: 10, disturbed: 60, evidence_id: null, unit: null } // prettier-ignore
/** From the measurement of its effect to the last emission, which holds the outcome and the request. */
const STEPS = ['verify 0', 'publish 4', 'publish 5']
/** Kafka differs only in how an emission is published; on PostgreSQL that and its journal entry are one statement. */
const boundaries = (bus: string) =>
  bus === 'Kafka'
    ? ['recorded', 'done', 'journaled'].map((phase) => `${STEPS.at(-1)}:${phase}`)
    : ['finish:journaled', 'verify 0:done', ...STEPS.map((step) => `${step}:journaled`)]

export function undoing(name: string, setUpBus: LoopBus) {
  describe(`the undoing of an action over ${name}`, { timeout: 300_000 }, () => {
    let loop: Loop
    let cart: Awaited<ReturnType<typeof measuredCart>>
    beforeAll(async () => {
      loop = await openLoop(setUpBus)
      cart = await measuredCart(loop.services)
    }, 300_000)
    afterAll(async () => {
      await cart?.stop()
      await loop?.close()
    }, 60_000)
    afterEach(() => loop.killAgents())

    const measuring = (): AgentsOptions => ({ prometheusUrl: cart.url, verifyAfterMs: [12_000] })

    async function worsen(decision: string = randomUUID()): Promise<ApprovalRequested> {
      if (loop.services.services().some(({ imageTag }) => imageTag === BAD)) await loop.services.deploy('cart', GOOD)
      const approval = approvalFor(loop, { action: worsening, checks: [CHECK], approver_roles: ['team_manager'] })
      await loop.bus.publish([await loop.bus.encode('ApprovalRequested', approval)])
      await loop.opened(approval)
      await loop.decide(approval, {}, loop.keys, decision)
      return approval
    }
    const of = (approval: ApprovalRequested) => (one: { approval_id: string }) => one.approval_id === approval.approval_id // prettier-ignore
    const undoingOf = (approval: ApprovalRequested) => (one: ApprovalRequested) => one.undoes === approval.approval_id

    it('is proposed with the outcome, decided on by a person, and run', async () => {
      const met = join(mkdtempSync(join(tmpdir(), 'sre-undoing-')), 'boundaries')
      const agents = await loop.startAgents({ ...measuring(), boundaries: met })
      const decision = randomUUID()
      const approval = await worsen(decision)
      expect(await loop.first('ActionCompleted', of(approval))).toMatchObject({ outcome: 'succeeded', effect: 'worse' })
      const proposed = await loop.first('ApprovalRequested', undoingOf(approval))
      expect(proposed).toMatchObject({
        session_id: approval.session_id,
        action: rollback,
        action_hash: actionHash(rollback),
        requested_by: approval.requested_by,
        approver_roles: expect.arrayContaining([...DECIDERS]),
      })
      expect(loop.services.services().find((one) => one.name === 'cart')?.imageTag).toBe(BAD)
      await loop.opened(proposed)
      await loop.decide(proposed, { sub: 'carol' })
      expect(await loop.first('ActionCompleted', of(proposed))).toMatchObject({ outcome: 'succeeded' })
      expect(loop.services.services().find((one) => one.name === 'cart')?.imageTag).toBe(GOOD)
      await agents.stop()
      // the list above is complete: no emission follows the last one in it
      const publishes = readFileSync(met, 'utf8').matchAll(
        new RegExp(`executor/${decision}/(publish \\d+):journaled`, 'g'),
      )
      expect([...publishes].map(([, step]) => step).at(-1)).toBe(STEPS.at(-1))
    })

    it('is proposed once, though its owners are killed at every boundary', async () => {
      const decision = randomUUID()
      const dying = boundaries(name).map((one) => `executor/${decision}/${one}`)
      const [approval, heir] = await loop.relay(dying, () => worsen(decision), measuring())
      await loop.first('ActionCompleted', of(approval))
      await loop.concluded(approval.session_id)
      expect(await loop.all('ActionCompleted', of(approval))).toMatchObject([{ effect: 'worse' }])
      expect(await loop.all('ApprovalRequested', undoingOf(approval))).toHaveLength(1)
      await heir.stop()
    })
  })
}
