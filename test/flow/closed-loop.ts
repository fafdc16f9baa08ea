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
import { inPairs, named } from '../crash/dying.ts'
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
/** Phases to kill at. Journaling one step is the state before the next, so `before` of the first step completes the list. */
const boundaries = (steps: readonly string[], bus: string) => [
  `${steps[0]}:before`,
  ...steps.flatMap((step) => [...inside(step, bus), `${step}:journaled`]),
]
/** On PostgreSQL an emission and its journal entry are one statement. */
const inside = (step: string, bus: string) => {
  if (!step.includes('/publish ')) return [`${step}:done`]
  return bus === 'PostgreSQL' ? [] : [`${step}:recorded`, `${step}:done`]
}

const isEnd = (boundary: string) => !boundary.endsWith(':before')
/** The phases that the runs of an agent passed, without run ids, to find steps missing from the lists above. */
const endsOfStepsIn = (file: string, agent: string) =>
  readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .filter((one) => one.startsWith(`${agent}/`) && isEnd(one) && !one.includes('/intake/'))
    .map((one) => one.replace(/\/[^/]+\//, '/'))

/** Where the processes of a session die, one after another. Before its start, a run has done nothing yet. */
const sessionsWithDeaths = (bus: string): string[][] => {
  const asking = inPairs(['assistant/start:before', ...boundaries(ASSISTANT, bus)])
  const opening = [['executor/start:before']]
  const deciding = inPairs(['<decision>/start:before', ...boundaries(DECISION, bus)])
  return deciding.map((deaths, at) => [...(asking[at] ?? []), ...(opening[at] ?? []), ...deaths])
}
/** Phases of an expiring approval: intake, its two queued runs, and the published closing. */
const expired = (bus: string) => [
  'executor/intake:recorded',
  'executor/intake:done',
  '<due>/start:before',
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
        const ends = (steps: readonly string[]) => boundaries(steps, name).filter(isEnd)
        expect(endsOfStepsIn(boundariesMet, 'assistant')).toEqual(ends(ASSISTANT))
        const executed = [...HELD.slice(0, 1), ...DECISION.map((step) => step.replace('<decision>', 'executor'))]
        expect(endsOfStepsIn(boundariesMet, 'executor')).toEqual(ends(executed))
      })

      it.each(named(sessionsWithDeaths(name)))('survives SIGKILL at %s', async (_at, deaths) => {
        const before = rollbacks()
        const decision = randomUUID()
        const decided = async () => {
          const session = await loop.ask()
          const approval = await approvalOf(session)
          await loop.opened(approval)
          // the deaths before the decision are over
          await loop.concluded(session)
          await loop.decide(approval, {}, loop.keys, decision)
          return session
        }
        const [session, heir] = await loop.relay(
          deaths.map((boundary) => boundary.replace('<decision>', `executor/${decision}`)),
          decided,
        )
        await loop.first('ActionCompleted', (value) => value.session_id === session)
        // the emission the last victim published is finished by its successor, not repeated
        await loop.concluded(session)
        await expectOneOutcome(session, before)
        await heir.stop()
      })

      it.each(['assistant/gather:done', 'executor/execute:done'])(
        'has one outcome though an owner is frozen at %s for 30 s and wakes up',
        async (boundary) => {
          const before = rollbacks()
          const frozen = await loop.startAgents({ killAt: boundary, signal: 'SIGSTOP' })
          const session = await loop.ask()
          if (boundary.startsWith('executor/')) {
            const approval = await approvalOf(session)
            await loop.opened(approval)
            await loop.decide(approval)
          }
          await frozen.stopped()
          const wakes = new Promise((resolve) => setTimeout(resolve, 30_000))
          const heir = await loop.startAgents()
          if (boundary.startsWith('assistant/')) {
            const approval = await approvalOf(session)
            await loop.opened(approval)
            await loop.decide(approval)
          }
          await expectOneOutcome(session, before)
          await wakes
          frozen.child.kill('SIGCONT')
          // the frozen process takes part again: either one answers the next session, and it has published everything by then
          const next = await loop.ask()
          await loop.first('DiagnosisCompleted', (value) => value.session_id === next)
          await frozen.stop()
          await heir.stop()
          await expectOneOutcome(session, before)
        },
        180_000,
      )

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
        const decideFirst = async () => {
          const approval = approvalFor(loop)
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

        it.each(named(inPairs(boundaries(HELD, name))))('survives SIGKILL at %s', async (_at, deaths) => {
          const before = rollbacks()
          const [session, heir] = await loop.relay(deaths, decideFirst)
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

      it.each(named(inPairs(expired(name))))(
        'closes an approval as expired, once, though its owners are killed at %s',
        async (_at, deaths) => {
          const approval = approvalFor(loop)
          const due = `executor/${approval.event_id}/due`
          const [, heir] = await loop.relay(
            deaths.map((boundary) => boundary.replace('<due>', due)),
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
        },
      )
    })

    forgedDecisions(() => loop, rollbacks)
  })
}
