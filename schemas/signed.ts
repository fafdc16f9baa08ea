/** Common code of decisions and statements: a JSON claim as a compact JWS, signed by a trusted key. */
import { CompactSign, compactVerify, decodeProtectedHeader, errors } from 'jose'
import type { CompactJWSHeaderParameters, CryptoKey, FlattenedJWSInput } from 'jose'

export const signingAlgorithms = ['EdDSA', 'ES256', 'RS256'] as const

/** Finds a signer's public key; rejects with jose's `JWKSNoMatchingKey` if there is none. jose's local and remote JWKS both fit. */
export type KeySet = (header: CompactJWSHeaderParameters, token: FlattenedJWSInput) => Promise<CryptoKey>

export type SignatureRefusal = 'malformed' | 'wrong_type' | 'bad_algorithm' | 'unknown_key' | 'bad_signature'

export interface Refused<Code extends string> {
  ok: false
  code: Code
  reason: string
}
export const refused = <Code extends string>(code: Code, reason: string): Refused<Code> => ({ ok: false, code, reason })

/** The signer's keys could not be fetched, so the signature is neither valid nor invalid: retry later. */
export class KeysUnavailableError extends Error {
  override readonly name = 'KeysUnavailableError'
  readonly code = 'keys_unavailable'
  readonly retryable = true
}

export interface Signer {
  privateKey: CryptoKey
  kid: string
  alg: (typeof signingAlgorithms)[number]
}

/** `type` distinguishes the kinds of tokens signed by one key (RFC 8725 §3.11), so that one is never accepted as another. */
export const signClaim = ({ privateKey, kid, alg }: Signer, type: string, claim: object): Promise<string> =>
  new CompactSign(new TextEncoder().encode(JSON.stringify(claim)))
    .setProtectedHeader({ alg, kid, typ: type })
    .sign(privateKey)

/** Reads the unverified claim of a token, to find its keys. */
export function readClaim(jws: string, type: string): { ok: true; claim: unknown } | Refused<SignatureRefusal> {
  let header, claim
  try {
    header = decodeProtectedHeader(jws)
    claim = JSON.parse(Buffer.from(jws.split('.')[1] ?? '', 'base64url').toString('utf8')) as unknown
  } catch {
    return refused('malformed', 'not a compact JWS over a JSON claim')
  }
  if (!signingAlgorithms.some((alg) => alg === header.alg))
    return refused('bad_algorithm', `${header.alg} is not trusted`)
  if (header.typ !== type) return refused('wrong_type', `typ is ${header.typ}, not ${type}`)
  if (typeof header.kid !== 'string') return refused('unknown_key', 'the header names no kid')
  return { ok: true, claim }
}

/** Throws `KeysUnavailableError` (retry) if the keys cannot be fetched. */
export async function verifyClaim(
  jws: string,
  keys: KeySet,
): Promise<{ ok: true; claim: unknown; kid: string } | Refused<SignatureRefusal>> {
  try {
    const options = { algorithms: [...signingAlgorithms] }
    const { payload, protectedHeader } = await compactVerify(jws, distinctly(keys), options)
    return { ok: true, claim: JSON.parse(new TextDecoder().decode(payload)), kid: protectedHeader.kid ?? '' }
  } catch (error) {
    return refusalOf(error)
  }
}

/** Turns errors while fetching keys into `KeysUnavailableError`; only a missing key means that the signature is not trusted. */
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

function refusalOf(error: unknown): Refused<SignatureRefusal> {
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
