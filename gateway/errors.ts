/** Every API error: one code, one status. HTTP statuses are set here only. */
import type { Error as ErrorBody } from './api.generated.ts'
import { refusals } from './present/texts.ts'
import type { Texts } from './present/texts.ts'

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

/** One error of a request. */
export interface Detail {
  field?: string
  message: Texts
}

export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly code: ErrorCode
  readonly status: number
  /** shown to the caller; `message` is the English text, for the log */
  readonly texts: Texts
  readonly details: readonly Detail[] | undefined
  readonly headers: Readonly<Record<string, string>>
  constructor(
    code: ErrorCode,
    texts: Texts,
    options: ErrorOptions & {
      details?: readonly Detail[]
      headers?: Record<string, string>
      /** a more exact status of the same class, e.g. 413 */
      status?: number
    } = {},
  ) {
    super(texts.en, options)
    this.code = code
    this.texts = texts
    this.status = options.status ?? statuses[code]
    this.details = options.details
    this.headers = options.headers ?? {}
  }
}

export const notFound = (what: Parameters<typeof refusals.noSuch>[0]): ApiError =>
  new ApiError('RESOURCE_NOT_FOUND', refusals.noSuch(what))
export const conflict = (texts: Texts): ApiError => new ApiError('RESOURCE_CONFLICT', texts)
export const forbidden = (texts: Texts): ApiError => new ApiError('INSUFFICIENT_PERMISSIONS', texts)
export const unavailable = (texts: Texts, cause?: unknown): ApiError =>
  new ApiError('SERVICE_UNAVAILABLE', texts, { cause, headers: { 'retry-after': '5' } })
