import type { FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import { isBearer } from '../../schemas/same-secret.ts'
import { ApiError, forbidden, unavailable } from '../errors.ts'
import { away, tokens } from '../present/texts.ts'
import type { Texts } from '../present/texts.ts'
import { TokenRefusedError } from './caller.ts'
import type { Caller } from './caller.ts'
import { IssuerUnavailableError } from './issuer-keys.ts'
import { lacking } from './permissions.ts'

/** Request decorator that holds the caller; set before the handler of every route that needs one. */
export const callerDecorator = 'gatewayCaller'

const bearer = /^Bearer ([A-Za-z0-9._~+/-]+=*)$/i

/** Whoever has GATEWAY_ALERTS_TOKEN. It belongs to no tenant, and has no scopes. */
export const alertSender: Caller = {
  ...{ kind: 'machine', id: 'alertmanager', issuer: '', subject: 'alertmanager', name: null, clientId: '' },
  ...{ tenant: '', roles: [], scopes: [], expiresAt: Number.POSITIVE_INFINITY },
}

/** Authenticates the caller before the rest of the request is read. Ends with a caller or a coded error. `alertsToken`: accepted here too. */
export const authenticate =
  (check: (token: string) => Promise<Caller>, scopes: readonly string[], alertsToken?: string) =>
  async (request: FastifyRequest): Promise<void> => {
    if (alertsToken !== undefined && isBearer(request.headers.authorization, alertsToken))
      return request.setDecorator<Caller>(callerDecorator, alertSender)
    const token = bearer.exec(request.headers.authorization ?? '')?.[1]
    if (token === undefined) throw refused(tokens.needed)
    const caller = await check(token).catch((error: unknown) => refusalOf(error, request.log as Logger))
    const missing = lacking(caller, scopes)
    if (missing !== null) throw forbidden(missing)
    request.setDecorator<Caller>(callerDecorator, caller)
  }

function refusalOf(error: unknown, log: Logger): never {
  if (error instanceof TokenRefusedError) throw refused(error.texts, 'invalid_token')
  if (error instanceof IssuerUnavailableError) {
    log.error({ err: error }, 'the issuer is unreachable')
    throw unavailable(away.issuer, error)
  }
  throw error
}

function refused(texts: Texts, code?: string): ApiError {
  const challenge = code === undefined ? 'Bearer realm="sre-platform"' : `Bearer realm="sre-platform", error="${code}"`
  return new ApiError('AUTHENTICATION_FAILED', texts, { headers: { 'www-authenticate': challenge } })
}
