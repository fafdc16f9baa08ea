/** Every error the facade answers: one code, one status. HTTP statuses are mapped nowhere else. */
import type { Error as ErrorBody } from './api.generated.ts'

export type ErrorCode = ErrorBody['error']

const statuses = {
  INVALID_REQUEST: 400,
  AUTHENTICATION_FAILED: 401,
  INSUFFICIENT_PERMISSIONS: 403,
  RESOURCE_NOT_FOUND: 404,
  RESOURCE_CONFLICT: 409,
  VALIDATION_ERROR: 422,
  RATE_LIMITED: 429,
  INTERNAL_ERROR: 500,
  BAD_GATEWAY: 502,
  SYSTEM_OVERLOADED: 503,
  SERVICE_UNAVAILABLE: 503,
} as const satisfies Record<ErrorCode, number>

export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly code: ErrorCode
  readonly status: number
  readonly details: ErrorBody['details']
  readonly headers: Readonly<Record<string, string>>
  constructor(
    code: ErrorCode,
    message: string,
    options: ErrorOptions & {
      details?: NonNullable<ErrorBody['details']>
      headers?: Record<string, string>
      /** a more exact status of the same class, e.g. 413 */
      status?: number
    } = {},
  ) {
    super(message, options)
    this.code = code
    this.status = options.status ?? statuses[code]
    this.details = options.details
    this.headers = options.headers ?? {}
  }
}

export const notFound = (what: string): ApiError => new ApiError('RESOURCE_NOT_FOUND', `no such ${what}`)
export const conflict = (message: string): ApiError => new ApiError('RESOURCE_CONFLICT', message)
export const forbidden = (message: string): ApiError => new ApiError('INSUFFICIENT_PERMISSIONS', message)
export const unavailable = (message: string, cause?: unknown): ApiError =>
  new ApiError('SERVICE_UNAVAILABLE', message, { cause, headers: { 'retry-after': '5' } })
