/** The request for a person's decision on one exact action. */
import { approversOf, type Catalogue } from '../../actions/catalogue.ts'
import type { Proposer } from '../../schemas/events.generated.ts'
import { emit, type Outgoing, type Run } from '../runtime/agent.ts'
import type { Proposal } from './exact-action.ts'

export interface ProposalOptions {
  /** the actions that may be proposed */
  catalogue: Catalogue
  /** a decider needs one of these roles, as far as the catalogue allows them for the action */
  approverRoles: readonly string[]
  /** ms an approval stays open */
  approvalTtlMs: number
}

interface Asker {
  sessionId: string
  approvalId: string
  /** requester of the session; may not decide */
  requestedBy: string
  /** may not decide either; null: this agent, from its evidence */
  proposedBy: Proposer | null
}

export const approvalRequested = (
  { action, actionHash, title, reason, risk, evidence, checks, undo }: Proposal,
  { sessionId, approvalId, requestedBy, proposedBy }: Asker,
  run: Pick<Run, 'startedAt'>,
  { catalogue, approverRoles, approvalTtlMs }: ProposalOptions,
): Outgoing =>
  emit('ApprovalRequested', {
    session_id: sessionId,
    approval_id: approvalId,
    ...{ action, action_hash: actionHash, title, reason, risk },
    requested_by: requestedBy,
    approver_roles: approversOf(catalogue, action.type, approverRoles),
    expires_at: run.startedAt + approvalTtlMs,
    ...{ evidence, checks, undo, undoes: null },
    proposed_by: proposedBy,
  })
