/** When an incident is over, and what a report claims about why. */
import { describe, expect, it } from 'vitest'
import { writeReport } from '../../agents/postmortem/write-report.ts'
import { diagnosisRequested } from '../events/requests.ts'
import { approved, BEGAN, diagnosed, facts, MINUTE, session } from './facts.ts'

const [first] = diagnosed().root_causes
const over = diagnosed({ phase: 'over', root_causes: [{ ...first!, until: BEGAN + 8 * MINUTE, phase: 'over' }] })
const open = (id: string) => ({ id, title: id, service_name: 'cart', severity: 'P1', status: 'new', started_at: BEGAN })

describe('a recovery', () => {
  it('after an action that is not known to have helped is neither its work nor luck', () => {
    const { head, summary, luck } = writeReport(facts({ incidents: [open('INC-1')], sessions: [session({ result: over, approvals: [approved({}, { effect: 'partly' })] })] })) // prettier-ignore
    expect(head.times.mitigated).toMatchObject({ at: BEGAN + 8 * MINUTE, basis: { en: 'the signals recovered, according to the diagnosis' } }) // prettier-ignore
    expect(summary[2]).toMatchObject({ code: 'recovered_after', text: { en: expect.stringContaining('(effect: partly), and the signals recovered: whether because of it, is unknown') } }) // prettier-ignore
    expect(luck).toEqual([])
  })

  it('before an action is not the work of that action', () => {
    const late = approved({}, { effect: 'no_change', started_at: BEGAN + 9 * MINUTE, finished_at: BEGAN + 10 * MINUTE })
    const { summary } = writeReport(facts({ sessions: [session({ result: over, approvals: [late] })] }))
    expect(summary[2]?.code).toBe('recovered')
  })
})

describe('several incidents', () => {
  const other = (service: string, change: Parameters<typeof diagnosed>[0] = {}) =>
    session({
      request: diagnosisRequested({ session_id: 't', occurred_at: BEGAN + 4 * MINUTE, service: 'payment', incident_ids: ['INC-2'] }), // prettier-ignore
      result: diagnosed({ session_id: 't', root_causes: [{ ...first!, service }], ...change }),
      approvals: [],
    })
  const reportOf = (second: ReturnType<typeof other>, ended: { ended_at?: number } = {}) =>
    writeReport(facts({ incidentIds: ['INC-1', 'INC-2'], incidents: [open('INC-1'), { ...open('INC-2'), ...ended }], sessions: [session(), second] })) // prettier-ignore

  it('are not mitigated by an action that helped one of them', () => {
    const { head, impact, summary } = reportOf(other('payment'))
    expect(head).toMatchObject({ status: 'open', times: { mitigated: { at: null, precision: 'unknown' } } })
    expect(impact.duration_ms).toBeNull()
    expect(summary[2]?.text.en).toMatch(/measurably helped; it is still open\.$/)
  })

  it('are mitigated if they have one cause, if the others recovered, or if they are closed', () => {
    for (const { head } of [
      reportOf(other('cart')),
      reportOf(other('payment', { phase: 'over', root_causes: [{ ...first!, service: 'payment', until: BEGAN + 5 * MINUTE }] })), // prettier-ignore
      reportOf(other('payment'), { ended_at: BEGAN + 9 * MINUTE }),
    ])
      expect(head).toMatchObject({ status: 'mitigated', times: { mitigated: { at: BEGAN + 6 * MINUTE } } })
  })
})

it('an end before the beginning does not count, and the other one does', () => {
  const early = approved({}, { finished_at: BEGAN - MINUTE })
  const { impact, cause } = writeReport(facts({ sessions: [session({ approvals: [early] })] }))
  expect(impact.duration_ms).toBe(10 * MINUTE)
  expect(cause.open[0]).toMatchObject({ code: 'contradictory_times' })
})
