/**
 * A decision is a claim by a person about one approval, signed as a compact JWS by a key the platform trusts. Being able to write to
 * the topic decides nothing: who reads a decision verifies it here first. Expiry, single use, roles and tenant are the executor's to judge.
 */
import { CompactSign, compactVerify, decodeProtectedHeader, errors } from 'jose'
import type { CompactJWSHeaderParameters, CryptoKey, FlattenedJWSInput } from 'jose'
import { z } from 'zod'

export const decisionAudience = 'sre-executor'
/** RFC 8725 §3.11: a token of another kind, signed by the same key, is never taken for a decision. */
export const decisionType = 'sre-decision+jwt'
export const decisionAlgorithms = ['EdDSA', 'ES256', 'RS256'] as const

const decisionClaim = z.object({
  /** who signed: the gateway's or the control-plane's own name */
  iss: z.string().min(1),
  aud: z.literal(decisionAudience),
  /** the person, as the identity provider names them */
  sub: z.string().min(1),
  /** the identity provider the person signed in with; `<decider_iss>|<sub>` is the decider */
  decider_iss: z.string().min(1),
  roles: z.array(z.string()),
  /** unique per decision: it counts once */
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

/** Finds a signer's public key; rejects with jose's `JWKSNoMatchingKey` when it has none. jose's local and remote JWKS both fit. */
export type KeySet = (header: CompactJWSHeaderParameters, token: FlattenedJWSInput) => Promise<CryptoKey>

export type DecisionRefusal =
  'malformed' | 'wrong_type' | 'bad_algorithm' | 'unknown_issuer' | 'unknown_key' | 'bad_signature' | 'wrong_audience'

export type VerifiedDecision =
  { ok: true; claim: DecisionClaim; kid: string } | { ok: false; code: DecisionRefusal; reason: string }

/** The signer's keys could not be fetched: nothing is known about the decision, so ask again later. */
export class KeysUnavailableError extends Error {
  override readonly name = 'KeysUnavailableError'
  readonly code = 'keys_unavailable'
  readonly retryable = true
}

export interface Signer {
  privateKey: CryptoKey
  kid: string
  alg: (typeof decisionAlgorithms)[number]
}

/** Signs with the key's algorithm; throws when the claim does not fit its shape. */
export async function signDecision({ privateKey, kid, alg }: Signer, claim: DecisionClaim): Promise<string> {
  const payload = new TextEncoder().encode(JSON.stringify(decisionClaim.parse(claim)))
  return new CompactSign(payload).setProtectedHeader({ alg, kid, typ: decisionType }).sign(privateKey)
}

/**
 * Says whether a trusted signer made this decision. `keySets` maps the `iss` of each trusted signer to its keys, so that one signer
 * can never speak for another. Throws `KeysUnavailableError` (retry) when a trusted signer's keys cannot be fetched.
 */
export async function verifyDecision(jws: string, keySets: ReadonlyMap<string, KeySet>): Promise<VerifiedDecision> {
  const stated = readUnverified(jws)
  if ('code' in stated) return stated
  const keys = keySets.get(stated.iss)
  if (keys === undefined) return refused('unknown_issuer', `no keys are configured for ${JSON.stringify(stated.iss)}`)
  try {
    const { payload, protectedHeader } = await compactVerify(jws, distinctly(keys), {
      algorithms: [...decisionAlgorithms],
    })
    const claim = decisionClaim.safeParse(JSON.parse(new TextDecoder().decode(payload)))
    if (!claim.success) return refused('malformed', z.prettifyError(claim.error))
    return { ok: true, claim: claim.data, kid: protectedHeader.kid ?? '' }
  } catch (error) {
    return refusalOf(error)
  }
}

const refused = (code: DecisionRefusal, reason: string) => ({ ok: false, code, reason }) as const

function readUnverified(jws: string): { iss: string } | ReturnType<typeof refused> {
  let header, payload
  try {
    header = decodeProtectedHeader(jws)
    payload = JSON.parse(Buffer.from(jws.split('.')[1] ?? '', 'base64url').toString('utf8'))
  } catch {
    return refused('malformed', 'not a compact JWS over a JSON claim')
  }
  if (!decisionAlgorithms.some((alg) => alg === header.alg))
    return refused('bad_algorithm', `${header.alg} is not trusted`)
  if (header.typ !== decisionType) return refused('wrong_type', `typ is ${header.typ}, not ${decisionType}`)
  if (typeof header.kid !== 'string') return refused('unknown_key', 'the header names no kid')
  const stated = z.object({ iss: z.string(), aud: z.unknown() }).safeParse(payload)
  if (!stated.success) return refused('malformed', 'the claim names no issuer')
  if (stated.data.aud !== decisionAudience) return refused('wrong_audience', `aud is not ${decisionAudience}`)
  return { iss: stated.data.iss }
}

/** Tells "there is no such key" from "the keys could not be asked for": only the first says anything about the decision. */
const distinctly =
  (keys: KeySet): KeySet =>
  async (header, token) => {
    try {
      return await keys(header, token)
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) throw error
      throw new KeysUnavailableError(`the keys of the signer cannot be fetched: ${String(error)}`, { cause: error })
    }
  }

function refusalOf(error: unknown): ReturnType<typeof refused> {
  if (error instanceof KeysUnavailableError) throw error
  const reason = String(error)
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys)
    return refused('unknown_key', reason)
  if (error instanceof errors.JWSSignatureVerificationFailed) return refused('bad_signature', reason)
  if (error instanceof errors.JOSEAlgNotAllowed || error instanceof errors.JOSENotSupported)
    return refused('bad_algorithm', reason)
  if (error instanceof errors.JOSEError || error instanceof SyntaxError || error instanceof TypeError)
    return refused('malformed', reason)
  throw error
}
