import type { ApprovalRequested } from '../../schemas/events.generated.ts'
import { emit } from '../runtime/agent.ts'
import type { Counted } from './approvers.ts'
import type { Closing } from './judge.ts'

/** The event that publishes how an approval was closed. */
export const closed = (
  request: Pick<ApprovalRequested, 'session_id' | 'approval_id' | 'action_hash'>,
  closing: Omit<Closing, 'issuer'>,
) =>
  emit('ApprovalClosed', {
    session_id: request.session_id,
    approval_id: request.approval_id,
    action_hash: request.action_hash,
    outcome: closing.outcome,
    code: closing.code,
    reason: closing.reason,
    decided_by: closing.decidedBy,
    decision_jti: closing.jti,
    joined_approval: closing.joinedApproval ?? null,
    approved_by: closing.outcome === 'approved' ? [...(closing.approvedBy ?? [])] : [],
  })

/** The event that publishes an approval that counts while another person's is still needed. */
export const counted = ({ request, approvedBy, jti, reason }: Counted) =>
  emit('ApprovalCounted', {
    session_id: request.session_id,
    approval_id: request.approval_id,
    action_hash: request.action_hash,
    approved_by: approvedBy,
    decision_jti: jti,
    reason,
  })
