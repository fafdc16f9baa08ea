/** The identity provider's keys: found by OIDC discovery, cached for 10 minutes, refetched for an unknown key at most every 30 s. */
import { createRemoteJWKSet, errors } from 'jose'
import type { JWTVerifyGetKey } from 'jose'
import { z } from 'zod'

/** The issuer is unreachable, so nothing is known about the token: the answer is 503, neither accepted nor refused. */
export class IssuerUnavailableError extends Error {
  override readonly name = 'IssuerUnavailableError'
  readonly code = 'issuer_unavailable'
}

const metadata = z.object({ issuer: z.string(), jwks_uri: z.url() })

/** A key getter for jose. Throws `IssuerUnavailableError` if the keys cannot be fetched, jose's errors if there is no such key. */
export function createIssuerKeys(issuer: string, timeoutMs = 5000): JWTVerifyGetKey {
  let keys: Promise<JWTVerifyGetKey> | undefined

  async function discover(): Promise<JWTVerifyGetKey> {
    const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs), redirect: 'error' })
    if (!response.ok) throw new Error(`${url} answered ${response.status}`)
    const found = metadata.parse(await response.json())
    if (found.issuer !== issuer) throw new Error(`${url} names another issuer: ${found.issuer}`)
    const options = { cacheMaxAge: 600_000, cooldownDuration: 30_000, timeoutDuration: timeoutMs }
    return createRemoteJWKSet(new URL(found.jwks_uri), options)
  }

  return async (header, token) => {
    try {
      // one discovery in flight; after a failure the next request tries again
      keys ??= discover().catch((error: unknown) => {
        keys = undefined
        throw error
      })
      return await (
        await keys
      )(header, token)
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) throw error
      throw new IssuerUnavailableError(`the issuer ${issuer} did not return its keys`, { cause: error })
    }
  }
}
