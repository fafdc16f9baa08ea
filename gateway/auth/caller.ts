/** Who calls: what a verified access token says. There is no way to be a caller without one. */
import { errors, jwtVerify } from 'jose'
import type { JWTVerifyGetKey } from 'jose'
import { z } from 'zod'
import { tokens } from '../present/texts.ts'
import type { Texts } from '../present/texts.ts'

export interface Caller {
  /** a machine is who comes through a machine's client, whatever roles its service account has */
  kind: 'person' | 'machine'
  /** `<issuer>|<subject>`: what events name */
  id: string
  issuer: string
  subject: string
  clientId: string
  tenant: string
  roles: readonly string[]
  scopes: readonly string[]
  /** ms since the epoch */
  expiresAt: number
}

export interface IdentityOptions {
  /** the `iss` of every token */
  issuer: string
  /** the `aud` of every token; default sre-assistant */
  audience?: string
  /** clients of machines, by `azp`; default control-plane */
  machineClients?: readonly string[]
  /** clients people sign in through, by `azp`; default console */
  personClients?: readonly string[]
  /** default RS256, ES256 */
  algorithms?: readonly ('RS256' | 'PS256' | 'ES256' | 'EdDSA')[]
}

/** A token that does not count; the texts may be shown to the caller. */
export class TokenRefusedError extends Error {
  override readonly name = 'TokenRefusedError'
  readonly code = 'token_refused'
  readonly texts: Texts
  constructor(texts: Texts, options?: ErrorOptions) {
    super(texts.en, options)
    this.texts = texts
  }
}

const claims = z.object({
  iss: z.string(),
  sub: z.string().min(1),
  exp: z.number(),
  azp: z.string().optional(),
  client_id: z.string().optional(),
  scope: z.string().default(''),
  tenant: z.string().min(1).default('default'),
  realm_access: z.object({ roles: z.array(z.string()) }).default({ roles: [] }),
})

/** seconds two clocks may differ */
const clockTolerance = 5

/** Makes the check of a bearer token. It throws `TokenRefusedError`, or the key getter's own error when the issuer cannot be asked. */
export function createTokenCheck(options: IdentityOptions & { keys: JWTVerifyGetKey; now: () => number }) {
  const { issuer, keys, now, audience = 'sre-assistant', algorithms = ['RS256', 'ES256'] } = options
  const { machineClients = ['control-plane'], personClients = ['console'] } = options

  return async (token: string): Promise<Caller> => {
    const required = { issuer, audience, algorithms: [...algorithms], requiredClaims: ['exp', 'sub'] }
    const { payload } = await jwtVerify(token, keys, {
      ...required,
      clockTolerance,
      currentDate: new Date(now()),
    }).catch(refuse)
    const read = claims.safeParse(payload)
    if (!read.success) throw new TokenRefusedError(tokens.malformed(z.prettifyError(read.error)))
    const { iss, sub, exp, azp, client_id, scope, tenant, realm_access } = read.data
    const clientId = azp ?? client_id ?? ''
    const machine = machineClients.includes(clientId)
    if (!machine && !personClients.includes(clientId))
      throw new TokenRefusedError(tokens.client(JSON.stringify(clientId)))
    return {
      // a service account that came through a client of people is still a machine
      kind: machine || sub === clientId ? 'machine' : 'person',
      id: `${iss}|${sub}`,
      issuer: iss,
      subject: sub,
      clientId,
      tenant,
      roles: realm_access.roles,
      scopes: scope.split(' ').filter(Boolean),
      expiresAt: exp * 1000,
    }
  }
}

function refuse(error: unknown): never {
  if (error instanceof errors.JWTExpired) throw new TokenRefusedError(tokens.expired, { cause: error })
  if (error instanceof errors.JOSEError) throw new TokenRefusedError(tokens.invalid(error.message))
  throw error
}
