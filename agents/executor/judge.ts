/** Whether a decision counts. Pure functions: every check that needs no database is here, so that it can be tested without a server. */
import { actionHash } from '../../schemas/action-hash.ts'
import type { DecisionClaim, VerifiedDecision } from '../../schemas/decision.ts'
import type { ApprovalRequested } from '../../schemas/events.generated.ts'
import type { Owned } from '../../tenants/tenants.ts'

export interface Closing {
  /** counted: approved by one person, and another is still needed; the approval stays open */
  outcome: 'approved' | 'counted' | 'rejected' | 'expired' | 'refused' | 'joined' | 'overtaken'
  /** stable code */
  code: string
  /** the decider's comment, or the reason for refusing */
  reason: string | null
  /** `<issuer>|<subject>`, if the signature is valid */
  decidedBy: string | null
  jti: string | null
  /** issuer of the decision, if the signature is valid */
  issuer: string | null
  /** id of the open approval it joined */
  joinedApproval?: string | null
  /** whose approvals counted, in order */
  approvedBy?: readonly string[]
}

/** Seconds a signer's clock may be ahead of ours. */
const CLOCK_TOLERANCE_S = 30

/** `owned`: the services of the request's tenant. `now`: the executor's clock, ms since the epoch. Single use, the number of approvers and the target's state are checked later. */
export function judge(request: ApprovalRequested, decision: VerifiedDecision, owned: Owned, now: number): Closing {
  if (!decision.ok) return refuse(decision.code, decision.reason, null)
  const { claim } = decision
  const objection = objectionTo(request, claim, owned, now)
  if (objection !== null) return refuse(objection[0], objection[1], claim)
  return { ...genuine(claim), outcome: claim.decision, code: 'decided', reason: claim.reason }
}

function objectionTo(
  request: ApprovalRequested,
  claim: DecisionClaim,
  owned: Owned,
  now: number,
): [code: string, reason: string] | null {
  const nowS = now / 1000
  if (claim.approval_id !== request.approval_id) return ['wrong_approval', 'the decision is about another approval']
  if (claim.tenant !== request.tenant) return ['wrong_tenant', `the decider belongs to tenant ${claim.tenant}`]
  if (!owned.has(request.action.service, request.action.namespace))
    return ['foreign_target', 'the target of the action does not belong to the tenant']
  if (actionHash(request.action) !== request.action_hash)
    return ['altered_action', 'the action does not match the hash it was requested with']
  if (claim.action_hash !== request.action_hash) return ['wrong_hash', 'the decision is about a different action']
  if (claim.exp <= nowS) return ['decision_expired', 'the signed decision had expired when it was read']
  if (claim.iat > nowS + CLOCK_TOLERANCE_S) return ['not_yet_valid', 'the decision is dated in the future']
  if (request.expires_at <= now) return ['expired', 'the approval had expired when the decision was read']
  if (decider(claim) === request.requested_by)
    return ['own_request', 'the person who requested the session may not decide on its actions']
  // requests from before this field do not have it
  if (decider(claim) === request.proposed_by?.id)
    return ['own_proposal', 'the person who proposed the action may not decide on it']
  if (!claim.roles.some((role) => request.approver_roles.includes(role))) {
    return ['wrong_role', `a decider needs one of the roles ${request.approver_roles.join(', ')}`]
  }
  return null
}

/** Whether this refusal code means that the decision is about another approval. */
export const isAboutAnother = (code: string): boolean => code === 'wrong_approval' || code === 'wrong_tenant'

export const refuse = (code: string, reason: string, claim: DecisionClaim | null): Closing => ({
  ...(claim === null ? NOBODY : genuine(claim)),
  outcome: 'refused',
  code,
  reason,
})

export const expire = (request: ApprovalRequested): Closing => ({
  ...NOBODY,
  outcome: 'expired',
  code: 'expired',
  reason: `nobody decided before ${instantOf(request.expires_at)}`,
})

/** The target has left the state the action was proposed for, so there is nothing left to decide. */
export const overtake = (reason: string): Closing => ({ ...NOBODY, outcome: 'overtaken', code: 'overtaken', reason })

const NOBODY = { decidedBy: null, jti: null, issuer: null }

const decider = (claim: DecisionClaim): string => `${claim.decider_iss}|${claim.sub}`
const genuine = (claim: DecisionClaim) => ({
  decidedBy: decider(claim),
  jti: claim.jti,
  issuer: claim.iss,
})

/** A request may carry an invalid date. */
const instantOf = (ms: number): string =>
  Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : `${ms} ms since the epoch`
