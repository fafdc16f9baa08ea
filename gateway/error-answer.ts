import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import type { Error as ErrorBody } from './api.generated.ts'
import { ApiError, unavailable } from './errors.ts'

/** Answers every error as a coded one. What was not expected is logged in full and told to nobody. */
export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const coded = codedOf(error)
  if (coded.status >= 500) request.log.error({ err: error, requestId: request.id }, coded.message)
  const body: ErrorBody = {
    error: coded.code,
    message: coded.message,
    request_id: request.id,
    ...(coded.details === undefined ? {} : { details: coded.details }),
  }
  // what Fastify refuses by itself never met the hook that sets this
  reply.header('x-request-id', request.id)
  reply.code(coded.status).headers(coded.headers).type('application/json; charset=utf-8').send(body)
}

export const answerNotFound = (request: FastifyRequest, reply: FastifyReply): void =>
  answerError(new ApiError('RESOURCE_NOT_FOUND', 'there is no such route'), request, reply)

function codedOf(error: unknown): ApiError {
  if (error instanceof ApiError) return error
  const { validation, validationContext, statusCode, message } = error as Partial<FastifyError>
  if (validation !== undefined) {
    const details = validation.map((wrong) => ({
      field: [validationContext, ...wrong.instancePath.split('/').slice(1)].join('.'),
      message: wrong.message ?? wrong.keyword,
    }))
    const options = { details, cause: error }
    if (validationContext === 'body') return new ApiError('VALIDATION_ERROR', 'the body is not as described', options)
    return new ApiError('INVALID_REQUEST', `the ${validationContext ?? 'request'} is not as described`, options)
  }
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return new ApiError('INVALID_REQUEST', message ?? 'the request cannot be read', {
      cause: error,
      status: statusCode === 413 || statusCode === 415 ? statusCode : 400,
    })
  if (databaseIsAway(error)) return unavailable('the database is not available', error)
  return new ApiError('INTERNAL_ERROR', 'something went wrong here; the log has it under this request id', {
    cause: error,
  })
}

/** Connection exceptions (08), operator intervention (57), too many connections (53300), and what the client itself says. */
function databaseIsAway(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown }
  return (
    (typeof code === 'string' && /^(08...|57P..|53300|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT)$/.test(code)) ||
    /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/.test(
      String(message),
    )
  )
}
