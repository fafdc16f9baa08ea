/** Accepts statements only with the executor's signature. The others go to dead letters and are reported. */
import type { Logger } from 'pino'
import type { Received, Rejection } from '../bus.ts'
import { storable } from '../storable.ts'
import type { KeySet } from '../../schemas/signed.ts'
import { uuidKey } from '../uuid-key.ts'
import { isStatement, statementHeader, verifyStatement } from '../../schemas/statement.ts'

export interface Heard {
  believed: Received[]
  /** forged or unsigned; sent to dead letters, with no effect */
  ignored: Rejection[]
}

/** Throws `KeysUnavailableError` if the keys cannot be read; the records are then delivered again. */
export async function hear(records: readonly Received[], { keys, log }: { keys: KeySet; log: Logger }): Promise<Heard> {
  const refusals = await Promise.all(records.map((received) => objectionTo(received, keys)))
  const ignored = refusals.filter((rejection) => rejection !== null)
  for (const { received, reason } of ignored)
    log.warn({ event: received.event, id: received.value.event_id, approval: approvalOf(received), reason }, 'ignored a statement that the executor did not sign') // prettier-ignore
  return { believed: records.filter((_, place) => refusals[place] === null), ignored }
}

interface Spoken {
  id: string
  tenant: string
}

/** Ids and tenants of the approvals these statements were about; ids the database cannot store are left out. */
export function spokenOf(ignored: readonly Rejection[]): [approvals: string[], tenants: string[]] {
  const approvals = ignored
    .map(({ received }) => ({ id: uuidKey(approvalOf(received)), tenant: received.value.tenant }))
    .filter((one): one is Spoken => one.id !== null && storable(one.tenant) === one.tenant)
  return [approvals.map(({ id }) => id), approvals.map(({ tenant }) => tenant)]
}

const approvalOf = ({ value }: Received): string => ('approval_id' in value ? value.approval_id : '')

async function objectionTo(received: Received, keys: KeySet): Promise<Rejection | null> {
  const { event, delivery, headers } = received
  if (!isStatement(event)) return null
  const bytes = delivery.value ?? Buffer.alloc(0)
  const refusal = await verifyStatement(headers[statementHeader], { event, bytes, keys })
  return refusal && { received, code: `statement_${refusal.code}`, reason: refusal.reason }
}
