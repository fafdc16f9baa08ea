/** The head of a report: who was affected, and when a person first reacted. */
import { expect, it } from 'vitest'
import { writeReport } from '../../agents/postmortem/write-report.ts'
import { BEGAN, diagnosed, evidence, facts, MINUTE, session } from './facts.ts'

it('takes the acknowledgement that the control-plane reports, if it came before a decision', () => {
  const acknowledgedAt = (at: number) => {
    const incidents = [{ ...facts().incidents[0]!, acknowledged_at: at }]
    return writeReport(facts({ incidents })).head.times.acknowledged
  }
  expect(acknowledgedAt(BEGAN + 2.5 * MINUTE)).toMatchObject({ at: BEGAN + 2.5 * MINUTE, precision: 'exact', sources: [{ kind: 'incident', id: 'INC-1' }] }) // prettier-ignore
  expect(acknowledgedAt(BEGAN + 9 * MINUTE)).toMatchObject({ at: BEGAN + 5 * MINUTE, precision: 'at_latest' })
})

it('does not list a service as affected that the cause calls and that only stood out a little', () => {
  const [first] = diagnosed().root_causes
  const others = ['checkout', 'catalog', 'payment'].map((service, place) => ({ ...first!, service, rank: place + 2, change_id: null })) // prettier-ignore
  const result = diagnosed({ root_causes: [first!, ...others] })
  const calls = evidence('resources', [
    { service_name: 'checkout', depends_on: ['cart', 'payment'] },
    { service_name: 'cart', depends_on: ['catalog'] },
    ...['catalog', 'payment'].map((service_name) => ({ service_name, depends_on: [] })),
  ])
  expect(writeReport(facts({ sessions: [session({ result })] }, [calls])).head.services).toEqual(['frontend', 'cart', 'checkout']) // prettier-ignore
  const unknown = writeReport(facts({ sessions: [session({ result })] })).head.services
  expect(unknown, 'where the calls are unknown').toEqual(['frontend', 'cart', 'checkout', 'catalog', 'payment'])
})
