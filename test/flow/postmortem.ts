/** From a verified action to its postmortem: asked for right after it, written from the topics, once. */
import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Report, reportSchema } from '../../postmortem/report.ts'
import type { PostmortemRequested } from '../../schemas/events.generated.ts'
import { calledOverTopics } from './called-over-topics.ts'
import { type Loop, type LoopBus, openLoop } from './loop.ts'

export function postmortems(name: string, setUpBus: LoopBus) {
  describe(`postmortems over ${name}`, { timeout: 180_000 }, () => {
    let loop: Loop
    let session: string
    beforeAll(async () => {
      loop = await openLoop(setUpBus)
      await loop.deployBad()
      const agents = await loop.startAgents()
      session = await loop.ask()
      const approval = await loop.first('ApprovalRequested', (value) => value.session_id === session)
      await loop.opened(approval)
      await loop.decide(approval)
      await loop.first('ActionCompleted', (value) => value.session_id === session)
      await loop.concluded(session)
      await agents.stop()
    }, 180_000)
    afterAll(() => loop?.close(), 60_000)
    afterEach(() => loop.killAgents())

    async function ask(change: Partial<PostmortemRequested>): Promise<string> {
      const postmortem_id = randomUUID()
      const request = {
        ...{
          event_id: randomUUID(),
          session_id: null,
          sequence: 0,
          tenant: 'default',
          occurred_at: Date.now(),
          postmortem_id,
        },
        ...{ incident_ids: [], session_ids: [], language: null, requested_by: 'https://issuer|alice', context: {} },
        ...change,
      }
      await loop.bus.publish([await loop.bus.encode('PostmortemRequested', request)])
      return postmortem_id
    }
    const answerTo = (id: string) => loop.first('PostmortemCompleted', (value) => value.postmortem_id === id)
    const all = <E extends 'EvidenceRecorded' | 'DiagnosisCompleted' | 'ApprovalClosed' | 'ActionCompleted' | 'DiagnosisRequested'>(event: E) => loop.all(event, (value) => value.session_id === session) // prettier-ignore

    it('are written from what was published before the agent ever ran, with sources that exist', async () => {
      const agents = await loop.startAgents({ postmortem: true })
      const answer = await answerTo(await ask({ session_ids: [session] }))
      const report = reportSchema.parse(JSON.parse(answer.report ?? 'null'))
      const [[result], [closed], [acted], [request]] = [await all('DiagnosisCompleted'), await all('ApprovalClosed'), await all('ActionCompleted'), await all('DiagnosisRequested')] // prettier-ignore
      const { times } = report.head
      expect({ ...answer, ...report.head }).toMatchObject({ session_ids: [session], revision: 1 })
      expect(times).toMatchObject({
        began: { at: result!.onset, sources: [{ kind: 'event', id: result!.event_id }] },
        detected: { at: request!.occurred_at },
        diagnosed: { at: result!.occurred_at },
        decided: { at: closed!.occurred_at, sources: [{ kind: 'event', id: closed!.event_id }] },
        acted: { at: acted!.started_at },
      })
      expect(report.cause.first).toMatchObject({ service: 'cart', change_id: result!.root_causes[0]!.change_id, probability: result!.confidence }) // prettier-ignore
      expect(report.impact.services.find(({ service }) => service === 'cart')?.requests).toBeGreaterThan(0)
      await expectKnown(report)
      await agents.stop()
    })

    it('are written once though the agent is killed at every boundary', async () => {
      const dying = ['start:before', 'catch up:done', 'write:done', 'write:journaled'].map((one) => `postmortem/${one}`)
      const [id, heir] = await loop.relay(dying, () => ask({ session_ids: [session] }), { only: ['postmortem'] })
      expect(await answerTo(id)).toMatchObject({ revision: 1, report: expect.any(String) })
      await heir.stop()
      expect(await loop.all('PostmortemCompleted', (value) => value.postmortem_id === id)).toHaveLength(1)
    })

    it('say why there is none: unknown ids by name, of another tenant, too many, or none at all', async () => {
      const agents = await loop.startAgents({ postmortem: true })
      const nobody = randomUUID()
      const unknown = await ask({ session_ids: [session, nobody], incident_ids: ['INC-9'] })
      const foreign = await ask({ session_ids: [session], tenant: 'other' })
      const many = await ask({ incident_ids: Array.from({ length: 101 }, (_, place) => `INC-${place}`) })
      const none = await ask({})
      const failed = { status: 'failed', report: null }
      expect(await answerTo(unknown)).toMatchObject({ ...failed, reason: `unknown_ids: ${nobody}, INC-9` })
      expect(await answerTo(foreign)).toMatchObject({ ...failed, tenant: 'other', reason: `unknown_ids: ${session}` })
      expect(await answerTo(many)).toMatchObject({ ...failed, reason: 'too_many_ids: 101' })
      expect(await answerTo(none)).toMatchObject({ ...failed, reason: 'invalid_request: no ids' })
      await agents.stop()
    })

    calledOverTopics(() => ({ loop, session }))

    /** Every event and evidence that the report names was published. */
    async function expectKnown(report: Report): Promise<void> {
      const cited = new Set<string>()
      JSON.stringify(report, (_key, value: { kind?: unknown; id?: unknown } | null) => {
        if (value?.kind === 'event' || value?.kind === 'evidence') cited.add(String(value.id))
        return value
      })
      const published = new Set<string>((await all('EvidenceRecorded')).map(({ evidence_id }) => evidence_id))
      for (const event of [
        'DiagnosisRequested',
        'DiagnosisCompleted',
        'ApprovalRequested',
        'ApprovalClosed',
        'ActionCompleted',
      ] as const)
        for (const { event_id } of await loop.all(event, (value) => value.session_id === session))
          published.add(event_id)
      expect(cited.size).toBeGreaterThan(5)
      expect([...cited].filter((id) => !published.has(id))).toEqual([])
    }
  })
}
