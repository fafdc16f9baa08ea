/** Records that claim more than they hold. */
import { longBytes } from '../../bench/fuzz/avro-bytes.ts'
import type { Bus, EncodedRecord } from '../../bus/bus.ts'
import { approvalRequested } from '../events/requests.ts'

const ROLE = 'the-only-role'

/** A request whose list of roles says how many there are, in a few hundred bytes. */
export async function claiming(bus: Pick<Bus, 'encode'>, roles: number, session: string): Promise<EncodedRecord> {
  const record = await bus.encode(
    'ApprovalRequested',
    approvalRequested({ approver_roles: [ROLE], session_id: session }),
  )
  const at = record.value.indexOf(ROLE) - 2
  return {
    ...record,
    value: Buffer.concat([record.value.subarray(0, at), longBytes(roles), record.value.subarray(at + 1)]),
  }
}
