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

const emissions = (count: number) => Array.from({ length: count }, (_, index) => `publish ${index}`)
const ASSISTANT = [...emissions(5), 'orient', 'gather', 'analyse'].map((step) => `assistant/${step}`)
const EXECUTOR = [
  ...emissions(6),
  'look up',
  'verify signature',
  'target',
  'close',
  'dry run',
  'begin',
  'execute',
  'finish',
  'others',
  'range 0',
  'verify 0',
].map((step) => `executor/${step}`)
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
/** The phases a process passed, without run ids, to find steps missing from the lists above. */
const endsOfStepsIn = (file: string) => {
  const met = readFileSync(file, 'utf8').trimEnd().split('\n').filter(isEnd)
  const named = met.filter((one) => !one.includes('/intake/')).map((one) => one.replace(/\/[^/]+\//, '/'))
  return [...new Set(named)].sort()
}

/** Started but nothing done yet: the assistant's run, the executor's run that opens the approval, and the one for the decision. */
const START = ['assistant/start:before', 'executor/start:before', '<decision>/start:before']
/** Phases of an expiring approval: intake, its two queued runs, and the published closing. */
const expired = (bus: string) => [
  'executor/intake:recorded',
  'executor/intake:done',
  '<due>/start:before',
  ...boundaries(['<due>/expire', '<due>/publish 0'], bus),
]

export function closedLoop(name: string, setUpBus: LoopBus) {
  describe(`the closed loop over ${name}`, { timeout: 180_000 }, () => {
    let loop: Loop
    beforeAll(async () => {
      loop = await openLoop(setUpBus)
    }, 180_000)
    afterAll(() => loop?.close(), 60_000)
    beforeEach(() => loop.deployBad())
    afterEach(() => loop.killAgents())

    const rollbacks = () => loop.services.deployed.filter((one) => one === `cart ${GOOD}`).length
    const approvalOf = (session: string) => loop.first('ApprovalRequested', (value) => value.session_id === session)

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
      await loop.decide(approval)
      await expectOneOutcome(session, before)
      await loop.concluded(session)
      await agents.stop()
      expect(endsOfStepsIn(boundariesMet)).toEqual(
        [ASSISTANT, EXECUTOR, HELD.slice(0, 1)]
          .flatMap((steps) => boundaries(steps, name))
          .filter(isEnd)
          .sort(),
      )
    })

    it.each([...START, ...boundaries(ASSISTANT, name), ...boundaries(EXECUTOR, name)])(
      'survives SIGKILL at %s',
      async (boundary) => {
        const before = rollbacks()
        const decision = randomUUID()
        const victim = await loop.startAgents({ killAt: boundary.replace('<decision>', `executor/${decision}`) })
        const session = await loop.ask()
        const isBeforeDecision = boundary.startsWith('assistant/') || boundary === 'executor/start:before'
        if (isBeforeDecision) await victim.died()
        const heir = isBeforeDecision ? await loop.startAgents() : null
        const approval = await approvalOf(session)
        await loop.opened(approval)
        await loop.decide(approval, {}, loop.keys, decision)
        await victim.died()
        const executor = heir ?? (await loop.startAgents())
        await loop.first('ActionCompleted', (value) => value.session_id === session)
        // the emission the victim published last is finished by its successor, not repeated
        await loop.concluded(session)
        await expectOneOutcome(session, before)
        await executor.stop()
      },
    )

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
      const decideFirst = async (killAt?: string) => {
        const approval = approvalFor(loop)
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

      it('is held, and counts once the request arrives', async () => {
        const before = rollbacks()
        const { agents, session } = await decideFirst()
        await expectOneAction(session, before)
        await agents.stop()
      })

      it.each(boundaries(HELD, name))('survives SIGKILL at %s', async (boundary) => {
        const before = rollbacks()
        const { agents, session } = await decideFirst(boundary)
        await agents.died()
        const heir = await loop.startAgents()
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

    it.each(expired(name))(
      'closes an approval as expired, once, though its owner is killed at %s',
      async (boundary) => {
        const approval = approvalFor(loop)
        const due = `executor/${approval.event_id}/due`
        const victim = await loop.startAgents({ killAt: boundary.replace('<due>', due) })
        const request = { ...approval, expires_at: Date.now() + 1000 }
        await loop.bus.publish([await loop.bus.encode('ApprovalRequested', request)])
        await victim.died()
        const heir = await loop.startAgents()
        const of = (value: { approval_id: string }) => value.approval_id === approval.approval_id
        await loop.first('ApprovalClosed', of)
        await loop.concluded(approval.session_id)
        expect(await loop.all('ApprovalClosed', of)).toMatchObject([{ outcome: 'expired', decided_by: null }])
        await heir.stop()
      },
    )

    forgedDecisions(() => loop, rollbacks)
  })
}
