import type { ApprovalRequested } from '../../schemas/events.generated.ts'
import { approvalRequested } from '../events/requests.ts'
import type { Loop } from './loop.ts'

/** An approval nobody diagnosed, of a session that the control-plane of the loop asked for. */
export const approvalFor = (loop: Loop, change: Partial<ApprovalRequested> = {}): ApprovalRequested =>
  approvalRequested({ requested_by: `${loop.setting.issuer.url}|control-plane`, ...change })
