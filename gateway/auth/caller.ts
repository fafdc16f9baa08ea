/** The caller, from a verified access token. */
import { errors, jwtVerify } from 'jose'
import type { JWTVerifyGetKey } from 'jose'
import { z } from 'zod'
import { visible } from '../../schemas/visible.ts'
import { tokens } from '../present/texts.ts'
import type { Texts } from '../present/texts.ts'

export interface Caller {
  /** a token of a machine client is a machine's, whatever roles its service account has */
  kind: 'person' | 'machine'
  /** `<issuer>|<subject>`, as named in events */
  id: string
  issuer: string
  subject: string
  /** how the identity provider names a person; null: it does not */
  name: string | null
  clientId: string
  tenant: string
  roles: readonly string[]
  scopes: readonly string[]
  /** ms since the epoch */
  expiresAt: number
}

export interface IdentityOptions {
  /** required `iss` of tokens */
  issuer: string
  /** required `aud` of tokens; default sre-assistant */
  audience?: string
  /** client ids (`azp`) of machines; default control-plane */
  machineClients?: readonly string[]
  /** client ids (`azp`) through which people sign in; default console */
  personClients?: readonly string[]
  /** default RS256, ES256 */
  algorithms?: readonly ('RS256' | 'PS256' | 'ES256' | 'EdDSA')[]
}

/** The token is not accepted; the texts may be shown to the caller. */
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
  preferred_username: z.string().optional(),
  scope: z.string().default(''),
  tenant: z.string().min(1).default('default'),
  realm_access: z.object({ roles: z.array(z.string()) }).default({ roles: [] }),
})

const LONGEST_NAME = 200

/** As signed with a decision and stored: without characters that PostgreSQL refuses or nobody sees. */
const nameFrom = (given = ''): string | null => visible(given.slice(0, LONGEST_NAME)).slice(0, LONGEST_NAME) || null

/** s, tolerated clock skew */
const clockTolerance = 5

/** Makes the check of a bearer token. It throws `TokenRefusedError`, or the key getter's error if the issuer is unreachable. */
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
    const { iss, sub, exp, azp, client_id, preferred_username, scope, tenant, realm_access } = read.data
    const clientId = azp ?? client_id ?? ''
    const machine = machineClients.includes(clientId)
    if (!machine && !personClients.includes(clientId))
      throw new TokenRefusedError(tokens.client(JSON.stringify(clientId)))
    return {
      // a service account that uses a client for people is still a machine
      kind: machine || sub === clientId ? 'machine' : 'person',
      id: `${iss}|${sub}`,
      issuer: iss,
      subject: sub,
      name: nameFrom(preferred_username),
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

/** The weightiest role that allows it. */
export const roleOf = ({ roles }: Caller): string =>
  ['super_admin', 'team_manager', 'team_member'].find((role) => roles.includes(role)) ?? 'unknown'
