/** What a caller is told when it does not get what it asked for. One table maps codes to HTTP. */
import { z } from 'zod'

const statuses = {
  INVALID_REQUEST: 400,
  AUTHENTICATION_FAILED: 401,
  INSUFFICIENT_PERMISSIONS: 403,
  RESOURCE_NOT_FOUND: 404,
  RESOURCE_CONFLICT: 409,
  VALIDATION_ERROR: 422,
  INTERNAL_ERROR: 500,
  SERVICE_UNAVAILABLE: 503,
} as const

export type ApiErrorCode = keyof typeof statuses

export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly code: ApiErrorCode
  constructor(code: ApiErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

export const statusOf = (code: ApiErrorCode): number => statuses[code]

/** Throws `ApiError` that names every wrong field. */
export function read<T>(schema: z.ZodType<T>, value: unknown, code: ApiErrorCode = 'VALIDATION_ERROR'): T {
  const parsed = schema.safeParse(value ?? {})
  if (parsed.success) return parsed.data
  throw new ApiError(code, z.prettifyError(parsed.error))
}

/** The answer to an error: what is not ours to tell stays in the log, under the request id. */
export function failureAnswer(error: unknown, requestId: string) {
  if (error instanceof ApiError)
    return { status: statusOf(error.code), body: { error: error.code, message: error.message, request_id: requestId } }
  const stated = z.object({ statusCode: z.int().min(400).max(499), message: z.string() }).safeParse(error)
  return stated.success
    ? {
        status: stated.data.statusCode,
        body: { error: 'INVALID_REQUEST', message: stated.data.message, request_id: requestId },
      }
    : { status: 500, body: { error: 'INTERNAL_ERROR', message: 'internal error', request_id: requestId } }
}
