/** An action that two people have to approve. */
import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { writeReport } from '../../agents/postmortem/write-report.ts'
import type { ApprovalCounted } from '../../schemas/events.generated.ts'
import { approved, BEGAN, evidence, facts, MINUTE, session } from './facts.ts'

const counting = (approval: ReturnType<typeof approved>): ApprovalCounted => ({
  ...{ event_id: randomUUID(), session_id: 's', sequence: 0, tenant: 'default', occurred_at: BEGAN + 4 * MINUTE },
  ...{ approval_id: approval.requested.approval_id, action_hash: approval.requested.action_hash },
  ...{ approved_by: 'https://issuer|bertha', decision_jti: 'j', reason: 'go' },
})
const reportOf = (approval: ReturnType<typeof approved>) => {
  const counted = [counting(approval)]
  const change = { id: 'c', timestamp: BEGAN, event_type: 'DEPLOYMENT', author: null, service_name: 'cart', summary: 'bertha deployed cart' } // prettier-ignore
  return { counted, report: writeReport(facts({ sessions: [session({ approvals: [{ ...approval, counted }] })] }, [evidence('audit-logs', [change])])) } // prettier-ignore
}

it('shows by role who proposed an action, and never the person', () => {
  const approval = approved()
  const proposed_by = { id: 'https://issuer|bertha', role: 'team_manager', client: 'console', via: 'api' }
  const proposed = (by: typeof proposed_by) => {
    const report = writeReport(facts({ sessions: [session({ approvals: [{ ...approval, requested: { ...approval.requested, title: { en: 'bertha: Roll back cart' }, proposed_by: by } }] })] })) // prettier-ignore
    expect(JSON.stringify(report)).not.toContain('bertha')
    return report.timeline.find(({ kind }) => kind === 'approval')?.text.en
  }
  expect(proposed(proposed_by)).toMatch(/^a person with the role team_manager proposed: .*Roll back cart$/)
  expect(proposed({ ...proposed_by, role: 'machine' })).toMatch(/^a program proposed: /)
})

describe('the first approval', () => {
  it('is the acknowledgement, though the second one decides', () => {
    const { report, counted } = reportOf(approved())
    const { acknowledged, decided } = report.head.times
    expect(acknowledged).toMatchObject({
      at: BEGAN + 4 * MINUTE,
      sources: [{ kind: 'event', id: counted[0]?.event_id }],
    })
    expect(decided.at).toBe(BEGAN + 5 * MINUTE)
    expect(report.head.intervals.find(({ name }) => name === 'TTA')).toMatchObject({ ms: 2 * MINUTE, precision: 'at_latest' }) // prettier-ignore
    expect(JSON.stringify(report)).not.toContain('bertha')
  })

  it('is one also if no second one came', () => {
    const { report } = reportOf(approved({ outcome: 'expired', code: 'expired', decided_by: null, approved_by: [] }, null)) // prettier-ignore
    expect(report.head.times).toMatchObject({ acknowledged: { at: BEGAN + 4 * MINUTE }, decided: { at: null } })
  })
})
