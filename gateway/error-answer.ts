import { createRequire } from 'node:module'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import type { Error as ErrorBody } from './api.generated.ts'
import { ApiError, unavailable } from './errors.ts'
import type { Detail } from './errors.ts'
import { languageOf } from './present/language.ts'
import { away, refusals } from './present/texts.ts'

/** Answers every error as a coded one, in the language of who asked. What was not expected is logged in full and told to nobody. */
export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const coded = codedOf(error)
  if (coded.status >= 500) request.log.error({ err: error, requestId: request.id }, coded.message)
  const language = languageOf(request.headers['accept-language'])
  const details = coded.details?.map(({ field, message }) => ({ field, message: message[language] }))
  const body: ErrorBody = {
    error: coded.code,
    message: coded.texts[language],
    request_id: request.id,
    ...(details === undefined ? {} : { details }),
  }
  // what Fastify refuses by itself never met the hook that sets this
  reply.headers({ 'x-request-id': request.id, 'content-language': language, vary: 'accept-language' })
  reply.code(coded.status).headers(coded.headers).type('application/json; charset=utf-8').send(body)
}

export const answerNotFound = (request: FastifyRequest, reply: FastifyReply): void =>
  answerError(new ApiError('RESOURCE_NOT_FOUND', refusals.noRoute), request, reply)

function codedOf(error: unknown): ApiError {
  if (error instanceof ApiError) return error
  const { validation, validationContext, statusCode, message } = error as Partial<FastifyError>
  if (validation !== undefined) {
    const part = validationContext ?? 'request'
    const code = part === 'body' ? 'VALIDATION_ERROR' : 'INVALID_REQUEST'
    return new ApiError(code, refusals.notDescribed(part), { details: detailsOf(part, validation), cause: error })
  }
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return new ApiError('INVALID_REQUEST', refusals.notReadable(message ?? String(statusCode)), {
      cause: error,
      status: statusCode === 413 || statusCode === 415 ? statusCode : 400,
    })
  if (databaseIsAway(error)) return unavailable(away.database, error)
  return new ApiError('INTERNAL_ERROR', refusals.inside, { cause: error })
}

type Wrong = NonNullable<FastifyError['validation']>

// its types describe a module it is not
const inChinese: (wrong: Wrong) => void = createRequire(import.meta.url)('ajv-i18n/localize/zh-TW')

function detailsOf(part: string, wrong: Wrong): Detail[] {
  const chinese = structuredClone(wrong)
  inChinese(chinese)
  return wrong.map(({ instancePath, keyword, message = keyword, params }, index) => {
    const { additionalProperty: name } = params
    const tell = (text: string) => (name === undefined ? text : `${text}: ${String(name)}`)
    return {
      field: [part, ...instancePath.split('/').slice(1)].join('.'),
      message: { en: tell(message), 'zh-TW': tell(chinese[index]?.message ?? message) },
    }
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
