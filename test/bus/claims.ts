/** Records that claim more than they hold. */
import { longBytes } from '../../bench/fuzz/avro-bytes.ts'
import type { Bus, EncodedRecord } from '../../bus/bus.ts'
import { approvalRequested } from '../events/requests.ts'

const ROLE = 'the-only-role'

/** A request whose list of roles says how many there are, in a few hundred bytes. */
export const claiming = (bus: Pick<Bus, 'encode'>, roles: number, session: string): Promise<EncodedRecord> =>
  withNumber(bus, roles, session, 1)

/** A request of somebody who has a field more before the roles, which holds this number. */
export const withOneMore = (bus: Pick<Bus, 'encode'>, number: number): Promise<EncodedRecord> =>
  withNumber(bus, number, 'a session', 0)

/** Written over so many bytes of how many roles there are. */
async function withNumber(bus: Pick<Bus, 'encode'>, number: number, session_id: string, over: number) {
  const record = await bus.encode('ApprovalRequested', approvalRequested({ approver_roles: [ROLE], session_id }))
  const at = record.value.indexOf(ROLE) - 2
  return {
    ...record,
    value: Buffer.concat([record.value.subarray(0, at), longBytes(number), record.value.subarray(at + over)]),
  }
}
