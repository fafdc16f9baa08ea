/** What a report makes of a diagnosis that people judged. */
import { describe, expect, it } from 'vitest'
import { sessionsOf } from '../../agents/postmortem/facts.ts'
import { writeReport } from '../../agents/postmortem/write-report.ts'
import { reportSchema } from '../../postmortem/report.ts'
import type { FeedbackRecorded } from '../../schemas/events.generated.ts'
import { diagnosisRequested } from '../events/requests.ts'
import { BEGAN, diagnosed, facts, MINUTE, session } from './facts.ts'

const feedback = (verdict: string, change: Partial<FeedbackRecorded> = {}): FeedbackRecorded => ({
  ...{ event_id: `f-${verdict}`, session_id: 's', sequence: 0, tenant: 'default', occurred_at: BEGAN + 20 * MINUTE },
  ...{ revision: 1, verdict, root_cause: null, note: null, recorded_by: 'https://issuer|alice', role: 'team_manager' },
  ...change,
})
const reportOf = (...told: FeedbackRecorded[]) => reportSchema.parse(writeReport(facts({ sessions: [session({ feedback: told })] }))) // prettier-ignore
const codes = (list: readonly { code: string }[]) => list.map(({ code }) => code)

describe('a diagnosis that was wrong', () => {
  const told = feedback('wrong', { root_cause: 'alice saw that the payment provider was down' })
  const report = reportOf(told)

  it('is not the cause: what the person named stands instead, by role', () => {
    expect(report.cause).toMatchObject({ first: null, chain: [] })
    expect(report.summary[1]).toMatchObject({
      code: 'diagnosis_wrong',
      text: {
        en: 'The diagnosis was wrong: it named cart (90 %). The cause, according to a person: a person saw that the payment provider was down.',
      },
      sources: [{ kind: 'event', id: told.event_id }, { kind: 'event' }],
    })
    expect(report.cause.contributing).toMatchObject([{ code: 'named_by_person' }])
    expect(report.cause.ruled_out.map(({ text }) => text.en)).toEqual(['cart: a person judged this diagnosis wrong'])
    expect(report.timeline.find(({ kind }) => kind === 'feedback')?.text.en).toMatch(/^a person with the role team_manager judged the diagnosis wrong; the cause: /) // prettier-ignore
    expect(JSON.stringify(report)).not.toContain('alice')
  })

  it('is a lesson, and no reason to praise the diagnosis or to prevent what it named', () => {
    expect(codes(report.went_badly)).toContain('diagnosis_wrong')
    const praise = ['diagnosed_soon', 'clear_diagnosis']
    expect(codes(reportOf().went_well)).toEqual(expect.arrayContaining(praise))
    expect(codes(report.went_well).filter((code) => praise.includes(code))).toEqual([])
    expect(report.action_items.map(({ type }) => type)).toEqual(['learn'])
    expect(report.head.services).toEqual(reportOf().head.services)
  })

  it('is not followed if another one stands', () => {
    const [first] = diagnosed().root_causes
    const other = session({
      request: diagnosisRequested({ session_id: 't', occurred_at: BEGAN + 4 * MINUTE, incident_ids: ['INC-1'] }),
      result: diagnosed({ session_id: 't', confidence: 0.4, root_causes: [{ ...first!, service: 'payment' }] }),
    })
    const { cause } = writeReport(facts({ sessions: [session({ feedback: [told] }), other] }))
    expect(cause.first).toMatchObject({ service: 'payment', probability: 0.4 })
    expect(codes(cause.contributing)).not.toContain('different_causes')
  })

  it('without a word on the cause leaves it unknown', () => {
    expect(reportOf(feedback('wrong')).summary[1]?.text['zh-TW']).toBe('診斷錯誤：它指出 cart（90 %）。原因不明。')
  })
})

describe('a diagnosis that was', () => {
  it('right is confirmed, and its cause is not named twice', () => {
    const { went_well, cause } = reportOf(feedback('right', { root_cause: 'the release of cart' }))
    expect(codes(went_well)).toContain('diagnosis_confirmed')
    expect(cause).toMatchObject({ first: { service: 'cart' }, contributing: [] })
  })

  it('judged by very many people is a report that still fits', () => {
    const people = Array.from({ length: 100 }, (_, place) => feedback(place % 2 === 0 ? 'wrong' : 'partly', { event_id: `f-${place}`, recorded_by: `https://issuer|${place}`, root_cause: `cause ${place}` })) // prettier-ignore
    const { cause } = reportOf(...people)
    expect(cause.contributing).toHaveLength(20)
    expect(cause.open.find(({ code }) => code === 'judged_differently')?.sources).toHaveLength(20)
  })

  it('partly right stays, with what is missing', () => {
    const { cause, action_items } = reportOf(feedback('partly', { note: 'the cache was cold too' }))
    expect(cause.first?.service).toBe('cart')
    expect(cause.open).toMatchObject([{ code: 'diagnosis_partly', text: { en: 'a person judged the diagnosis partly right: the cache was cold too' } }]) // prettier-ignore
    expect(action_items.at(-1)).toMatchObject({ type: 'learn', reason: '/cause/open/0' })
  })
})

it('counts the latest of each person in any order, and says when people differ', () => {
  const early = feedback('wrong')
  const late = feedback('right', { occurred_at: BEGAN + 30 * MINUTE })
  const other = feedback('wrong', { event_id: 'f-other', recorded_by: 'https://issuer|bertha', occurred_at: BEGAN + 25 * MINUTE }) // prettier-ignore
  const request = { event: 'DiagnosisRequested', value: diagnosisRequested({ session_id: 's' }) } as const
  const of = (...told: FeedbackRecorded[]) => sessionsOf([request, ...told.map((value) => ({ event: 'FeedbackRecorded', value }) as const)])[0]!.feedback // prettier-ignore
  expect(of(late, early, early)).toEqual([late])
  expect(of(early, other, late)).toEqual([other, late])
  expect(of(late, early, other)).toEqual([other, late])
  const { cause } = reportOf(other, late)
  expect(cause.first?.service).toBe('cart')
  expect(cause.open).toMatchObject([{ code: 'judged_differently' }])
})
