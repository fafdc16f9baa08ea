import type { Approval } from '../api.generated.ts'
import type { ApprovalRow } from '../views/approvals.ts'
import { inLanguage, timeOf, timeOrNull } from './language.ts'
import type { Language } from './language.ts'
import { closingReason } from './words.ts'

export const presentApproval = (row: ApprovalRow, language: Language): Approval => ({
  approval_id: row.approval_id,
  session_id: row.requested.session_id,
  status: row.status,
  action: row.requested.action,
  action_hash: row.requested.action_hash,
  title: inLanguage(row.requested.title, language),
  reason: inLanguage(row.requested.reason, language),
  risk: row.requested.risk,
  requested_by: row.requested.requested_by,
  requested_at: timeOf(row.requested.occurred_at),
  approver_roles: row.requested.approver_roles,
  expires_at: timeOf(row.requested.expires_at),
  evidence: row.requested.evidence,
  decision: decisionOf(row),
  closed: closedOf(row, language),
  outcome: outcomeOf(row),
})

function decisionOf({ decided }: ApprovalRow): Approval['decision'] {
  if (decided === null) return null
  const { decision, decided_by, reason, decided_at } = decided
  return { decision, decided_by, reason, decided_at: timeOf(decided_at) }
}

function closedOf({ closed }: ApprovalRow, language: Language): Approval['closed'] {
  if (closed === null) return null
  const { outcome, code, decided_by, occurred_at } = closed
  return { outcome, code, reason: closingReason(closed, language), decided_by, closed_at: timeOf(occurred_at) }
}

function outcomeOf({ acted }: ApprovalRow): Approval['outcome'] {
  if (acted === null) return null
  const { outcome, effect, output, error, finished_at } = acted
  const checks = acted.checks.map(({ service, indicator, effect, normal, disturbed, after, error }) => ({
    service,
    indicator,
    effect,
    normal,
    disturbed,
    after,
    error,
  }))
  return { outcome, effect, output, error, finished_at: timeOrNull(finished_at), checks }
}
