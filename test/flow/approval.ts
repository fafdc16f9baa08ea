import type { ApprovalRequested } from '../../schemas/events.generated.ts'
import { approvalRequested } from '../events/requests.ts'
import type { Loop } from './loop.ts'

/** An approval without a diagnosis, in a session requested by the loop's control-plane. */
export const approvalFor = (loop: Loop, change: Partial<ApprovalRequested> = {}): ApprovalRequested =>
  approvalRequested({ requested_by: `${loop.setting.issuer.url}|control-plane`, ...change })
