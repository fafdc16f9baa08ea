import { randomUUID } from 'node:crypto'
import type { ApprovalDecided, ApprovalRequested } from '../../schemas/events.generated.ts'
import type { Closing } from '../../agents/executor/judge.ts'

export const decided = ({ session_id, approval_id, tenant }: ApprovalRequested): ApprovalDecided => ({
  event_id: randomUUID(),
  session_id,
  sequence: 0,
  tenant,
  occurred_at: Date.now(),
  approval_id,
  decision_jws: '…',
})

export const closing = (outcome: Closing['outcome']): Closing => ({
  outcome,
  code: 'decided',
  reason: 'go ahead',
  decidedBy: 'issuer|alice',
  jti: randomUUID(),
  issuer: 'sre-gateway',
})
