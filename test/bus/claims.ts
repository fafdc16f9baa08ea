/** Records with an item count that exceeds their bytes. */
import { longBytes } from '../../bench/fuzz/avro-bytes.ts'
import type { Bus, EncodedRecord } from '../../bus/bus.ts'
import { approvalRequested } from '../events/requests.ts'

const ROLE = 'the-only-role'

/** A request of a few hundred bytes that claims to have `roles` approver roles. */
export const claiming = (bus: Pick<Bus, 'encode'>, roles: number, session: string): Promise<EncodedRecord> =>
  withNumber(bus, roles, session, 1)

/** A request with an extra field before the roles that holds `number`. */
export const withOneMore = (bus: Pick<Bus, 'encode'>, number: number): Promise<EncodedRecord> =>
  withNumber(bus, number, 'a session', 0)

/** Replaces `over` bytes of the count of roles by `number`. */
async function withNumber(bus: Pick<Bus, 'encode'>, number: number, session_id: string, over: number) {
  const record = await bus.encode('ApprovalRequested', approvalRequested({ approver_roles: [ROLE], session_id }))
  const at = record.value.indexOf(ROLE) - 2
  return {
    ...record,
    value: Buffer.concat([record.value.subarray(0, at), longBytes(number), record.value.subarray(at + over)]),
  }
}
