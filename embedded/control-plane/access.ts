/** Authenticates the caller by an access token on every request. It cannot be switched off. */
import { createTokenCheck, TokenRefusedError } from '../../gateway/auth/caller.ts'
import { createIssuerKeys, IssuerUnavailableError } from '../../gateway/auth/issuer-keys.ts'
import { away, type Texts, tokens } from '../../gateway/present/texts.ts'
import { ApiError } from './api-error.ts'

export type Scope = 'sre-platform:read' | 'sre-platform:write' | 'sre-platform:approve'

export interface Caller {
  /** a token of a machine client is a machine's, whatever its roles and scopes */
  kind: 'person' | 'machine'
  iss: string
  sub: string
  /** <issuer>|<subject> */
  identity: string
  tenant: string
  /** a machine that serves every tenant */
  agent: boolean
  roles: string[]
  scopes: string[]
}

export interface AccessOptions {
  issuerUrl: string
  audience: string
  /** client ids whose tokens are accepted */
  machineClients: readonly string[]
  personClients: readonly string[]
  /** machines that serve every tenant */
  agents: readonly string[]
}

/** Throws `ApiError`: 401 if the token is not accepted, 503 if the issuer's keys are unavailable. */
export function createAccess({ issuerUrl, audience, machineClients, personClients, agents }: AccessOptions) {
  const keys = createIssuerKeys(issuerUrl)
  const check = createTokenCheck({ issuer: issuerUrl, audience, personClients, machineClients, keys, now: Date.now }) // prettier-ignore

  async function callerOf(token: string): Promise<Caller> {
    const { kind, issuer, subject, id, clientId, tenant, roles, scopes } = await check(token).catch(refuse)
    const agent = kind === 'machine' && agents.includes(clientId)
    return { kind, iss: issuer, sub: subject, identity: id, tenant, agent, roles: [...roles], scopes: [...scopes] }
  }

  return {
    callerOf,
    /** the caller of a request with this `Authorization` header */
    bearer: async (header: string | undefined): Promise<Caller> => {
      const [, token] = /^Bearer (\S+)$/i.exec(header ?? '') ?? []
      if (token === undefined) throw rejected(tokens.needed)
      return callerOf(token)
    },
  }
}

export type Access = ReturnType<typeof createAccess>

export function demandScope(caller: Caller, scope: Scope): void {
  if (!caller.scopes.includes(scope)) throw new ApiError('INSUFFICIENT_PERMISSIONS', tokens.lacksScope(scope))
}

const rejected = (reason: Texts) => new ApiError('AUTHENTICATION_FAILED', reason)

function refuse(error: unknown): never {
  if (error instanceof TokenRefusedError) throw rejected(error.texts)
  if (error instanceof IssuerUnavailableError) throw new ApiError('SERVICE_UNAVAILABLE', away.issuer, { cause: error })
  throw error
}
