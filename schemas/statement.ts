/**
 * A statement is a record that only the executor may publish. Its bytes are signed in a header, because write access to the topic is not
 * enough: every reader verifies a statement here first. The bytes include tenant, approval and event id, so a replayed statement is a
 * duplicate and cannot be used for anything else.
 */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { EventName } from './events.generated.ts'
import { type KeySet, readClaim, type Refused, refused, type SignatureRefusal, type Signer, signClaim, verifyClaim } from './signed.ts' // prettier-ignore

/** Events that only the executor may publish. */
export const statements = [
  'ApprovalCounted',
  'ApprovalClosed',
  'ActionCompleted',
] as const satisfies readonly EventName[]
export const isStatement = (event: EventName): event is (typeof statements)[number] =>
  (statements as readonly EventName[]).includes(event)

/** Header that carries the signature. */
export const statementHeader = 'sre_statement'
const statementType = 'sre-statement+jwt'

const statementClaim = z.object({ event: z.string(), sha256: z.string() })

/** The value of `statementHeader` for these bytes, which include the schema id. */
export const signStatement = (signer: Signer, event: EventName, bytes: Buffer): Promise<string> =>
  signClaim(signer, statementType, claimOf(event, bytes))

export type StatementRefusal = SignatureRefusal | 'unsigned' | 'other_content'

/** Null: `jws` is a trusted signature of exactly these bytes. Throws `KeysUnavailableError` (retry). */
export async function verifyStatement(
  jws: string | undefined,
  { event, bytes, keys }: { event: EventName; bytes: Buffer; keys: KeySet },
): Promise<Refused<StatementRefusal> | null> {
  if (jws === undefined) return refused('unsigned', `the record carries no ${statementHeader}`)
  const stated = readClaim(jws, statementType)
  if (!stated.ok) return stated
  const verified = await verifyClaim(jws, keys)
  if (!verified.ok) return verified
  const claim = statementClaim.safeParse(verified.claim)
  if (!claim.success) return refused('malformed', z.prettifyError(claim.error))
  const expected = claimOf(event, bytes)
  if (claim.data.event !== expected.event || claim.data.sha256 !== expected.sha256)
    return refused('other_content', 'the signature is of another record')
  return null
}

const claimOf = (event: EventName, bytes: Buffer) => ({
  event,
  sha256: createHash('sha256').update(bytes).digest('base64url'),
})
