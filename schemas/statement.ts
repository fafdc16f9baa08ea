/**
 * A statement is a record only one agent may publish: what the executor says counted. Its bytes are signed, in a header beside them, so that
 * being able to write to the topic says nothing: who reads one verifies it here first. The tenant, the approval and the id of the event are
 * in those bytes, so a statement can be repeated, and cannot be used for anything else.
 */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { EventName } from './events.generated.ts'
import { type KeySet, readClaim, type Refused, refused, type SignatureRefusal, type Signer, signClaim, verifyClaim } from './signed.ts' // prettier-ignore

/** What only the executor may say. */
export const statements = ['ApprovalClosed', 'ActionCompleted'] as const satisfies readonly EventName[]
export const isStatement = (event: EventName): event is (typeof statements)[number] =>
  (statements as readonly EventName[]).includes(event)

/** Header that carries the signature. */
export const statementHeader = 'sre_statement'
const statementType = 'sre-statement+jwt'

const statementClaim = z.object({ event: z.string(), sha256: z.string() })

/** The value of `statementHeader` for these bytes, schema id included. */
export const signStatement = (signer: Signer, event: EventName, bytes: Buffer): Promise<string> =>
  signClaim(signer, statementType, claimOf(event, bytes))

export type StatementRefusal = SignatureRefusal | 'unsigned' | 'other_content'

/** Null: `jws` is a trusted signer's word for exactly these bytes. Throws `KeysUnavailableError` (retry). */
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
