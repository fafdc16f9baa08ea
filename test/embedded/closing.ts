import { randomUUID } from 'node:crypto'
import { actionHash } from '../../schemas/action-hash.ts'
import type { ApprovalClosed } from '../../schemas/events.generated.ts'
import { rollback } from '../events/requests.ts'

/** The executor's closing of an approval that expired. */
export const closing = (approvalId: string): ApprovalClosed => ({
  event_id: randomUUID(),
  session_id: randomUUID(),
  sequence: 0,
  tenant: 'default',
  occurred_at: Date.now(),
  approval_id: approvalId,
  action_hash: actionHash(rollback),
  outcome: 'expired',
  code: 'expired',
  reason: 'nobody decided',
  decided_by: null,
  decision_jti: null,
  joined_approval: null,
  approved_by: [],
})
