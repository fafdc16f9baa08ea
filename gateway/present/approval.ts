import { approvalsNeeded } from '../../schemas/approvals-needed.ts'
import type { Approval } from '../api.generated.ts'
import type { ApprovalRow } from '../views/approvals.ts'
import { inLanguage, timeOf, timeOrNull } from './language.ts'
import type { Language } from './language.ts'
import { actionReason, checkReason, closingReason } from './reasons.ts'

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
  proposed_by: row.requested.proposed_by ?? null,
  requested_at: timeOf(row.requested.occurred_at),
  approver_roles: row.requested.approver_roles,
  expires_at: timeOf(row.requested.expires_at),
  evidence: row.requested.evidence,
  approvals_needed: approvalsNeeded(row.requested.risk),
  approvals: approvalsOf(row),
  checks: row.requested.checks.map(({ service, indicator, normal, disturbed, unit }) => ({
    service,
    indicator,
    normal,
    disturbed,
    unit: unit ?? null,
  })),
  // requests from before these fields do not have them
  undo: inLanguage(row.requested.undo ?? {}, language),
  undoes: row.requested.undoes ?? null,
  decision: decisionOf(row),
  closed: closedOf(row, language),
  outcome: outcomeOf(row, language),
  ignored_statement: row.ignored_statement,
  names: row.names,
})

/** The second of two is known from the closing alone if it was signed elsewhere. */
function approvalsOf({ decisions, closed }: ApprovalRow): Approval['approvals'] {
  const given = decisions.filter(({ decision }) => decision === 'approved')
  const people = new Map<string, Omit<Approval['approvals'][number], 'approved_by'>>(
    given.map(({ decided_by, reason, decided_at }) => [decided_by, { reason, approved_at: timeOf(decided_at) }]),
  )
  for (const person of closed?.approved_by ?? [])
    if (!people.has(person)) people.set(person, { reason: null, approved_at: null })
  return [...people].map(([approved_by, rest]) => ({ approved_by, ...rest }))
}

function decisionOf({ decisions }: ApprovalRow): Approval['decision'] {
  const latest = decisions.findLast(({ signed_here }) => signed_here)
  if (latest === undefined) return null
  const { decision, decided_by, reason, decided_at } = latest
  return { decision, decided_by, reason, decided_at: timeOf(decided_at) }
}

function closedOf({ closed }: ApprovalRow, language: Language): Approval['closed'] {
  if (closed === null) return null
  const { outcome, code, decided_by, occurred_at, joined_approval = null } = closed
  const reason = closingReason(closed, language)
  return { outcome, code, reason, decided_by, closed_at: timeOf(occurred_at), joined_approval }
}

function outcomeOf({ acted }: ApprovalRow, language: Language): Approval['outcome'] {
  if (acted === null) return null
  const { outcome, effect, output, finished_at } = acted
  const checks = acted.checks.map((check) => {
    const { service, indicator, effect, normal, disturbed, after } = check
    // absent in older events
    const unit = (check.unit as string | null | undefined) ?? null
    return { service, indicator, effect, normal, disturbed, after, unit, error: checkReason(check, language) }
  })
  const code = acted.code ?? null
  const error = actionReason(acted, language)
  return { outcome, effect, code, output, error, finished_at: timeOrNull(finished_at), checks }
}
