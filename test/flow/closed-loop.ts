/** From request to verified action, with processes dying on the way: one result, one approval, one action. */
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { approvalFor } from './approval.ts'
import { forgedDecisions } from './forgeries.ts'
import { BAD, GOOD } from '../events/requests.ts'
import { type Loop, type LoopBus, openLoop } from './loop.ts'

/** Steps of a run, in their order. */
const ASSISTANT = ['publish 0', 'orient', 'publish 1', 'gather', 'publish 2', 'analyse', 'publish 3', 'publish 4'].map(
  (step) => `assistant/${step}`,
)
const DECISION = [
  ...['look up', 'verify signature', 'target', 'publish 0', 'close', 'publish 1', 'dry run', 'begin', 'execute'],
  ...['finish', 'publish 2', 'others', 'publish 3', 'range 0', 'verify 0', 'publish 4', 'publish 5'],
].map((step) => `<decision>/${step}`)
/** If a decision arrives before its request, the run that opens the approval handles it. */
const HELD = ['open', 'held 0 verify signature', 'held 0 target', 'held 0 close'].map((step) => `executor/${step}`)
/** Phases of steps. Journaling one step is the state before the next, so `before` of the first step completes the list. */
const phases = (steps: readonly string[], bus: string) => [
  `${steps[0]}:before`,
  ...steps.flatMap((step) => [...inside(step, bus), `${step}:journaled`]),
]
/** On PostgreSQL an emission and its journal entry are one statement. */
const inside = (step: string, bus: string) => {
  if (!step.includes('/publish ')) return [`${step}:done`]
  return bus === 'PostgreSQL' ? [] : [`${step}:recorded`, `${step}:done`]
}
/** Phases to kill at: all of them on PostgreSQL. Kafka differs only where an agent takes events in and publishes. */
const boundaries = (steps: readonly string[], bus: string) =>
  phases(steps, bus).filter((phase) => bus === 'PostgreSQL' || phase.includes('/publish '))

const isEnd = (boundary: string) => !boundary.endsWith(':before')
/** The phases that the runs of an agent passed, without run ids, to find steps missing from the lists above. */
const endsOfStepsIn = (file: string, agent: string) =>
  readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .filter((one) => one.startsWith(`${agent}/`) && isEnd(one) && !one.includes('/intake/'))
    .map((one) => one.replace(/\/[^/]+\//, '/'))

/** Before its start, a run has done nothing yet. */
const starts = (runs: readonly string[], bus: string) =>
  bus === 'PostgreSQL' ? runs.map((run) => `${run}/start:before`) : []
/** Where the agents of an expiring approval die: at its intake, in its two queued runs, and when its closing is published. */
const expired = (bus: string) => [
  'executor/intake:recorded',
  'executor/intake:done',
  ...starts(['<due>'], bus),
  ...boundaries(['<due>/expire', '<due>/publish 0'], bus),
]

export function closedLoop(name: string, setUpBus: LoopBus) {
  describe(`the closed loop over ${name}`, { timeout: 600_000 }, () => {
    let loop: Loop
    beforeAll(async () => {
      loop = await openLoop(setUpBus)
    }, 180_000)
    afterAll(() => loop?.close(), 60_000)
    beforeEach(() => loop.deployBad())

    const rollbacks = () => loop.services.deployed.filter((one) => one === `cart ${GOOD}`).length
    const approvalOf = (session: string) => loop.first('ApprovalRequested', (value) => value.session_id === session)

    describe('a session, whichever process dies', () => {
      afterEach(() => loop.killAgents())

      /** One of each, and exactly one more rollback than before. */
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
        const boundariesMet = join(mkdtempSync(join(tmpdir(), 'sre-flow-')), 'boundaries')
        const agents = await loop.startAgents({ boundaries: boundariesMet })
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
        await loop.opened(approval)
        await loop.decide(approval)
        await expectOneOutcome(session, before)
        await loop.concluded(session)
        await agents.stop()
        const ends = (steps: readonly string[]) => phases(steps, name).filter(isEnd)
        expect(endsOfStepsIn(boundariesMet, 'assistant')).toEqual(ends(ASSISTANT))
        const executed = [...HELD.slice(0, 1), ...DECISION.map((step) => step.replace('<decision>', 'executor'))]
        expect(endsOfStepsIn(boundariesMet, 'executor')).toEqual(ends(executed))
      })

      it('survives SIGKILL at every boundary, of the assistant and then of the executor', async () => {
        const before = rollbacks()
        const patient = { approvalTtlMs: 3_600_000 }
        const asking = [...starts(['assistant'], name), ...boundaries(ASSISTANT, name)]
        const [session, assistant] = await loop.relay(asking, () => loop.ask(), patient)
        const approval = await approvalOf(session)
        await loop.opened(approval)
        await loop.concluded(session)
        await assistant.stop()

        const decision = randomUUID()
        const deciding = [...starts(['<decision>'], name), ...boundaries(DECISION, name)]
        const [, executor] = await loop.relay(
          deciding.map((boundary) => boundary.replace('<decision>', `executor/${decision}`)),
          () => loop.decide(approval, {}, loop.keys, decision),
        )
        await loop.first('ActionCompleted', (value) => value.session_id === session)
        // the emission the last victim published is finished by its successor, not repeated
        await loop.concluded(session)
        await expectOneOutcome(session, before)
        await executor.stop()
      }, 1_800_000)

      it('has one outcome though two owners are frozen for 30 s, while gathering and while executing, and wake up', async () => {
        const before = rollbacks()
        const gathering = await loop.startAgents({ killAt: 'assistant/gather:done', signal: 'SIGSTOP' })
        const session = await loop.ask()
        await gathering.stopped()
        const executing = await loop.startAgents({ killAt: 'executor/execute:done', signal: 'SIGSTOP' })
        const approval = await approvalOf(session)
        await loop.opened(approval)
        await loop.decide(approval)
        await executing.stopped()
        const wakes = new Promise((resolve) => setTimeout(resolve, 30_000))
        const heir = await loop.startAgents()
        await expectOneOutcome(session, before)
        await wakes
        for (const { child } of [gathering, executing]) child.kill('SIGCONT')
        // they take part again: any of the three answers the next session, and they have published everything by then
        const next = await loop.ask()
        await loop.first('DiagnosisCompleted', (value) => value.session_id === next)
        for (const one of [gathering, executing, heir]) await one.stop()
        await expectOneOutcome(session, before)
      })

      it("answers in part when a session's time is up, and names the queries still running", async () => {
        const silent = createServer(() => undefined).listen(0, '127.0.0.1')
        await once(silent, 'listening')
        const lokiUrl = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`
        const agents = await loop.startAgents({ lokiUrl })
        const session = await loop.ask({ max_execution_ms: 6000 })
        const result = await loop.first('DiagnosisCompleted', (value) => value.session_id === session)
        expect(result).toMatchObject({ status: 'partial', verdict: 'incident' })
        expect(JSON.stringify(result.missing)).toContain('loki')
        expect(result.tools_used).toContain('recording')
        await agents.stop()
        silent.closeAllConnections()
        silent.close()
      })

      describe('a decision that arrives before its request', () => {
        const decideFirst = async (approval = approvalFor(loop)) => {
          await loop.decide(approval)
          await loop.held(approval)
          await loop.bus.publish([await loop.bus.encode('ApprovalRequested', approval)])
          return approval.session_id
        }
        const expectOneAction = async (session: string, rollbacksBefore: number) => {
          const of = (value: { session_id: string }) => value.session_id === session
          expect(await loop.first('ActionCompleted', of)).toMatchObject({ outcome: 'succeeded' })
          await loop.concluded(session)
          expect(await loop.all('ApprovalClosed', of)).toMatchObject([{ outcome: 'approved' }])
          expect(await loop.all('ActionCompleted', of)).toHaveLength(1)
          expect(rollbacks() - rollbacksBefore).toBe(1)
        }

        it('is held, and counts once the request arrives', async () => {
          const before = rollbacks()
          const agents = await loop.startAgents()
          await expectOneAction(await decideFirst(), before)
          await agents.stop()
        })

        // it is held in the database, whatever the bus
        if (name === 'PostgreSQL')
          it('survives SIGKILL at every boundary of the run that opens the approval', async () => {
            const before = rollbacks()
            const approval = approvalFor(loop)
            const opening = [...starts(['executor'], name), ...boundaries(HELD, name)]
            const [session, heir] = await loop.relay(
              opening.map((boundary) => boundary.replace('executor', `executor/${approval.event_id}`)),
              () => decideFirst(approval),
            )
            await expectOneAction(session, before)
            await heir.stop()
          })
      })

      it.each([
        ['nobody decides in time', 2000],
        ['was too late when it was asked', -1000],
      ])('closes an approval as expired: %s', async (_what, ms) => {
        const approval = approvalFor(loop, { expires_at: Date.now() + ms })
        const agents = await loop.startAgents()
        await loop.bus.publish([await loop.bus.encode('ApprovalRequested', approval)])
        const closed = await loop.first('ApprovalClosed', (value) => value.approval_id === approval.approval_id)
        expect(closed).toMatchObject({ outcome: 'expired', decided_by: null })
        await agents.stop()
      })

      it('closes an approval as expired, once, though its owners are killed at every boundary', async () => {
        const approval = approvalFor(loop)
        const due = `executor/${approval.event_id}/due`
        const [, heir] = await loop.relay(
          expired(name).map((boundary) => boundary.replace('<due>', due)),
          async () => {
            const request = { ...approval, expires_at: Date.now() + 1000 }
            await loop.bus.publish([await loop.bus.encode('ApprovalRequested', request)])
          },
        )
        const of = (value: { approval_id: string }) => value.approval_id === approval.approval_id
        await loop.first('ApprovalClosed', of)
        await loop.concluded(approval.session_id)
        expect(await loop.all('ApprovalClosed', of)).toMatchObject([{ outcome: 'expired', decided_by: null }])
        await heir.stop()
      })
    })

    forgedDecisions(() => loop, rollbacks)
  })
}
