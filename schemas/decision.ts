/**
 * A decision is a person's claim about one approval, signed as a compact JWS by a key the platform trusts. Write access to the topic is
 * not enough: every reader verifies a decision here first. The executor checks expiry, single use, roles and tenant.
 */
import { z } from 'zod'
import { readClaim, type Refused, refused, signClaim, type SignatureRefusal, verifyClaim } from './signed.ts'
import type { KeySet, Signer } from './signed.ts'

export { type KeySet, KeysUnavailableError, type Signer } from './signed.ts'

export const decisionAudience = 'sre-executor'
/** The `typ` header (RFC 8725 §3.11): a token of another kind, signed with the same key, is not accepted as a decision. */
export const decisionType = 'sre-decision+jwt'

const decisionClaim = z.object({
  /** the signer: name of the gateway or the control-plane */
  iss: z.string().min(1),
  aud: z.literal(decisionAudience),
  /** the person: the identity provider's subject */
  sub: z.string().min(1),
  /** the identity provider the person signed in with; `<decider_iss>|<sub>` is the decider */
  decider_iss: z.string().min(1),
  /** how the identity provider names the person; for people to read, never to decide by */
  name: z.string().min(1).max(200).optional(),
  roles: z.array(z.string()),
  /** unique per decision, so that it counts only once */
  jti: z.string().min(1),
  /** seconds since the epoch */
  iat: z.int(),
  /** seconds since the epoch */
  exp: z.int(),
  tenant: z.string().min(1),
  approval_id: z.string().min(1),
  action_hash: z.string().regex(/^[0-9a-f]{64}$/),
  decision: z.enum(['approved', 'rejected']),
  reason: z.string(),
})

export type DecisionClaim = z.infer<typeof decisionClaim>

export type DecisionRefusal = SignatureRefusal | 'unknown_issuer' | 'wrong_audience'

export type VerifiedDecision = { ok: true; claim: DecisionClaim; kid: string } | Refused<DecisionRefusal>

/** Signs with the key's algorithm; rejects if the claim is invalid. */
export const signDecision = async (signer: Signer, claim: DecisionClaim): Promise<string> =>
  signClaim(signer, decisionType, decisionClaim.parse(claim))

/**
 * Verifies that a trusted signer made this decision. `keySets` maps the `iss` of each trusted signer to its keys, so that no signer can
 * sign for another. Throws `KeysUnavailableError` (retry) if a trusted signer's keys cannot be fetched.
 */
export async function verifyDecision(jws: string, keySets: ReadonlyMap<string, KeySet>): Promise<VerifiedDecision> {
  const stated = statedIssuer(jws)
  if ('code' in stated) return stated
  const keys = keySets.get(stated.iss)
  if (keys === undefined) return refused('unknown_issuer', `no keys are configured for ${JSON.stringify(stated.iss)}`)
  const verified = await verifyClaim(jws, keys)
  if (!verified.ok) return verified
  const claim = decisionClaim.safeParse(verified.claim)
  if (!claim.success) return refused('malformed', z.prettifyError(claim.error))
  return { ok: true, claim: claim.data, kid: verified.kid }
}

function statedIssuer(jws: string): { iss: string } | Refused<DecisionRefusal> {
  const read = readClaim(jws, decisionType)
  if (!read.ok) return read
  const stated = z.object({ iss: z.string(), aud: z.unknown() }).safeParse(read.claim)
  if (!stated.success) return refused('malformed', 'the claim names no issuer')
  if (stated.data.aud !== decisionAudience) return refused('wrong_audience', `aud is not ${decisionAudience}`)
  return { iss: stated.data.iss }
}
