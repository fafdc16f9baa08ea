import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import type { Error as ErrorBody } from './api.generated.ts'
import { detailsOf, repeated } from './details.ts'
import { ApiError, unavailable } from './errors.ts'
import { languageOf } from './present/language.ts'
import type { Language } from './present/language.ts'
import { isNotification } from './notification.ts'
import { away, refusals } from './present/texts.ts'

/** Sends every error as a coded one, in the caller's language. Unexpected errors are logged in full and not revealed. */
export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const coded = codedOf(error, request)
  if (coded.status >= 500) request.log.error({ err: error, request: request.id }, coded.message)
  const language = languageOf(request.headers['accept-language'])
  // errors raised by Fastify itself have not passed the hook that sets these
  reply.headers({ 'x-request-id': request.id, 'content-language': language, vary: 'accept-language' })
  reply.code(coded.status).headers(coded.headers).type('application/json; charset=utf-8')
  reply.send(errorBody(coded, request.id, language))
}

/** The error body of every response. */
export function errorBody({ code, texts, details }: ApiError, requestId: string, language: Language): ErrorBody {
  const told = details?.map(({ message, ...rest }) => ({ ...rest, message: message[language] }))
  return {
    error: code,
    message: texts[language],
    request_id: requestId,
    ...(told === undefined ? {} : { details: told }),
  }
}

/** The error for an unknown route; for a known path with the wrong method, lists the allowed methods. */
export function noRoute(methods: readonly string[]): ApiError {
  if (methods.length === 0) return new ApiError('RESOURCE_NOT_FOUND', refusals.noRoute)
  const allow = methods.join(', ')
  return new ApiError('INVALID_REQUEST', refusals.noMethod(allow), { status: 405, headers: { allow } })
}

const WEBHOOK = '/api/v1/webhooks/alertmanager'

/** The coded error of anything thrown while a request is answered. */
export function codedOf(error: unknown, { body, url }: Pick<FastifyRequest, 'body' | 'url'>): ApiError {
  if (error instanceof ApiError) return error
  const { validation, validationContext, statusCode, message } = error as Partial<FastifyError>
  if (validation !== undefined) {
    const part = validationContext ?? 'request'
    const code = part === 'body' ? 'VALIDATION_ERROR' : 'INVALID_REQUEST'
    const isMisdirected = part === 'body' && url !== WEBHOOK && isNotification(body)
    const message = isMisdirected ? refusals.notification : refusals.notDescribed(part)
    return new ApiError(code, message, { details: detailsOf(part, validation), cause: error })
  }
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return new ApiError('INVALID_REQUEST', refusals.notReadable(repeated(message ?? String(statusCode))), {
      cause: error,
      status: statusCode === 413 || statusCode === 415 ? statusCode : 400,
    })
  if (databaseIsAway(error)) return unavailable(away.database, error)
  return new ApiError('INTERNAL_ERROR', refusals.inside, { cause: error })
}

/** PostgreSQL connection errors (08), operator intervention (57), too many connections (53300), and errors of the client library. */
function databaseIsAway(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown }
  return (
    (typeof code === 'string' && /^(08...|57P..|53300|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT)$/.test(code)) ||
    /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/.test(
      String(message),
    )
  )
}
