/** Which alerts are of the incident, and when they were over. */
import { describe, expect, it } from 'vitest'
import { writeReport } from '../../agents/postmortem/write-report.ts'
import { BEGAN, evidence, facts, MINUTE, session } from './facts.ts'

const alert = (change: { started_at: number; ended_at?: number }) => evidence('alerts', [{ id: 'alert-1', service_name: 'frontend', name: 'Slow', summary: 'frontend is slow', severity: 'P2', ...change }], { occurred_at: BEGAN + 3 * MINUTE }) // prettier-ignore
const reportOf = (change: Parameters<typeof alert>[0]) =>
  writeReport(facts({ sessions: [session({ request: { ...session().request, kind: 'question' } })] }, [alert(change)]))
const codes = (list: readonly { code: string }[]) => list.map(({ code }) => code)

describe('an alert', () => {
  it('that fired before a person asked detected the incident', () => {
    const { head, went_badly } = reportOf({ started_at: BEGAN + MINUTE })
    expect(head.times.detected).toMatchObject({ at: BEGAN + MINUTE, sources: [{ kind: 'alert', id: 'alert-1' }] })
    expect(codes(went_badly)).not.toContain('no_alert')
    expect(reportOf({ started_at: BEGAN - MINUTE }).head.times.detected.at).toBe(BEGAN - MINUTE)
  })

  it('that had been firing for days did not', () => {
    const { head, went_badly, cause } = reportOf({ started_at: BEGAN - 3 * 86_400_000 })
    expect(head.times.detected.at).toBe(BEGAN + 2 * MINUTE)
    expect(head.intervals.find(({ name }) => name === 'TTD')?.ms).toBe(2 * MINUTE)
    expect(codes(went_badly)).toContain('no_alert')
    expect(codes(cause.open)).not.toContain('contradictory_times')
  })

  it('is not over at an end that was still to come when it was read', () => {
    const entries = (ended_at: number) => reportOf({ started_at: BEGAN + MINUTE, ended_at }).timeline.filter(({ kind }) => kind === 'alert') // prettier-ignore
    expect(entries(BEGAN + 5 * MINUTE).map(({ at }) => at)).toEqual([BEGAN + MINUTE])
    expect(entries(BEGAN + 2 * MINUTE).map(({ at }) => at)).toEqual([BEGAN + MINUTE, BEGAN + 2 * MINUTE])
  })
})
