import { randomUUID } from 'node:crypto'
import { actionHash } from '../../schemas/action-hash.ts'
import type { ApprovalDecided, ApprovalRequested } from '../../schemas/events.generated.ts'
import type { Closing } from '../../agents/executor/judge.ts'

const action = { type: 'rollback', service: 'cart', namespace: null, parameters: { image_tag: '1' }, target_state: {} }

export const requested = (change: Partial<ApprovalRequested> = {}): ApprovalRequested => ({
  event_id: randomUUID(),
  session_id: randomUUID(),
  sequence: 0,
  tenant: 'default',
  occurred_at: Date.now(),
  approval_id: randomUUID(),
  action,
  action_hash: actionHash(action),
  title: { en: 'Roll back cart' },
  reason: { en: 'a test asks' },
  risk: 'medium',
  requested_by: 'issuer|control-plane',
  approver_roles: ['team_manager'],
  expires_at: Date.now() + 600_000,
  evidence: [],
  checks: [],
  ...change,
})

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
