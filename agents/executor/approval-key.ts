import { createHash } from 'node:crypto'
import type { ApprovalRequested } from '../../schemas/events.generated.ts'

/** Approval ids are unique per tenant only. */
export type ApprovalKey = Pick<ApprovalRequested, 'tenant' | 'approval_id'>

/** Idempotency key under which the control-plane executes an approval: one per tenant and id, and safe in a header whatever the id contains. */
export const executionKey = ({ tenant, approval_id }: ApprovalKey): string =>
  createHash('sha256')
    .update(JSON.stringify([tenant, approval_id]))
    .digest('hex')
