/** Who is asking: an access token of the issuer, checked on every request. There is no way to switch this off. */
import { createRemoteJWKSet, errors, jwtVerify, type JWTVerifyGetKey } from 'jose'
import { z } from 'zod'
import { ApiError } from './api-error.ts'

export type Scope = 'sre-platform:read' | 'sre-platform:write' | 'sre-platform:approve'

export interface Caller {
  iss: string
  sub: string
  /** <issuer>|<subject> */
  identity: string
  tenant: string
  roles: string[]
  scopes: string[]
}

export interface AccessOptions {
  issuerUrl: string
  audience: string
  /** client ids whose tokens are taken */
  clients: readonly string[]
}

const claims = z.object({
  iss: z.string(),
  sub: z.string(),
  azp: z.string(),
  scope: z.string().default(''),
  tenant: z.string().default('default'),
  realm_access: z.object({ roles: z.array(z.string()) }).default({ roles: [] }),
})

const metadata = z.object({ issuer: z.string(), jwks_uri: z.url() })

/** Throws `ApiError`: 401 for a token that does not count, 503 when the issuer's keys cannot be had. */
export function createAccess({ issuerUrl, audience, clients }: AccessOptions) {
  let keys: Promise<JWTVerifyGetKey> | null = null
  const issuerKeys = (): Promise<JWTVerifyGetKey> => {
    keys ??= discoverKeys(issuerUrl).catch((error: unknown) => {
      keys = null
      throw new ApiError('SERVICE_UNAVAILABLE', 'the identity provider cannot be reached', { cause: error })
    })
    return keys
  }

  async function callerOf(token: string): Promise<Caller> {
    const getKey = await issuerKeys()
    try {
      const { payload } = await jwtVerify(token, getKey, {
        issuer: issuerUrl,
        audience,
        algorithms: ['RS256', 'PS256', 'ES256'],
        clockTolerance: 5,
        requiredClaims: ['exp', 'sub'],
      })
      const { azp, scope, iss, sub, tenant, realm_access } = claims.parse(payload)
      if (!clients.includes(azp)) throw rejected(`tokens of client ${azp} are not taken`)
      const scopes = scope.split(' ').filter(Boolean)
      return { iss, sub, identity: `${iss}|${sub}`, tenant, roles: realm_access.roles, scopes }
    } catch (error) {
      throw refusal(error)
    }
  }

  return {
    callerOf,
    /** the caller of a request with this `Authorization` header */
    bearer: async (header: string | undefined): Promise<Caller> => {
      const [, token] = /^Bearer (\S+)$/i.exec(header ?? '') ?? []
      if (token === undefined) throw rejected('a bearer token is needed')
      return callerOf(token)
    },
  }
}

export type Access = ReturnType<typeof createAccess>

export function demandScope(caller: Caller, scope: Scope): void {
  if (!caller.scopes.includes(scope)) throw new ApiError('INSUFFICIENT_PERMISSIONS', `the scope ${scope} is needed`)
}

async function discoverKeys(issuerUrl: string): Promise<JWTVerifyGetKey> {
  const url = `${issuerUrl.replace(/\/$/, '')}/.well-known/openid-configuration`
  const response = await fetch(url, { signal: AbortSignal.timeout(5_000), redirect: 'error' })
  if (!response.ok) throw new Error(`${url} answered ${response.status}`)
  const { issuer, jwks_uri } = metadata.parse(await response.json())
  if (issuer !== issuerUrl) throw new Error(`the issuer calls itself ${issuer}, not ${issuerUrl}`)
  return createRemoteJWKSet(new URL(jwks_uri), {
    cacheMaxAge: 600_000,
    cooldownDuration: 30_000,
    timeoutDuration: 5_000,
  })
}

const rejected = (reason: string) => new ApiError('AUTHENTICATION_FAILED', reason)

/** Keys that cannot be fetched say nothing about the token; everything else that jose refuses does. */
function refusal(error: unknown): ApiError {
  if (error instanceof ApiError) return error
  if (error instanceof z.ZodError) return rejected('the token lacks claims that are needed')
  if (error instanceof errors.JWKSTimeout || !(error instanceof errors.JOSEError) || error.code === 'ERR_JOSE_GENERIC')
    return new ApiError('SERVICE_UNAVAILABLE', 'the keys of the identity provider cannot be had', { cause: error })
  return rejected(error.message)
}
