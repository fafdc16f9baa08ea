/** Errors of the API. One table maps codes to HTTP statuses. */
import { z } from 'zod'
import { repeated } from '../../gateway/details.ts'
import type { Language } from '../../gateway/present/language.ts'
import { refusals as common, type Texts } from '../../gateway/present/texts.ts'
import { refusals } from './texts.ts'

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
  /** shown to the caller; `message` is the English text, for the log */
  readonly texts: Texts
  readonly status: number
  /** `status`: a more specific one of the same class, such as 405 */
  constructor(code: ApiErrorCode, texts: Texts, options: ErrorOptions & { status?: number } = {}) {
    super(texts.en, options)
    this.code = code
    this.status = options.status ?? statuses[code]
    this.texts = texts
  }
}

const inChinese = z.locales.zhTW().localeError

/** most errors listed per response, to keep it small */
const named = 20

/** Throws `ApiError` with the first invalid fields and the number of further ones. */
export function read<T>(schema: z.ZodType<T>, value: unknown, code: ApiErrorCode = 'VALIDATION_ERROR'): T {
  const parsed = schema.safeParse(value ?? {})
  if (parsed.success) return parsed.data
  const chinese = schema.safeParse(value ?? {}, { error: inChinese }).error ?? parsed.error
  throw new ApiError(code, { en: shortened(parsed.error, 'en'), 'zh-TW': shortened(chinese, 'zh-TW') })
}

function shortened({ issues }: z.ZodError, language: Language): string {
  const told = z
    .prettifyError(new z.ZodError(issues.slice(0, named)))
    .split('\n')
    .map(repeated)
  const rest = issues.length - named
  return [...told, ...(rest > 0 ? [common.more(rest)[language]] : [])].join('\n')
}

/** The response to an error. Internal details go to the log only, under the request id. */
export function failureAnswer(error: unknown, requestId: string, language: Language) {
  const answer = (status: number, code: string, texts: Texts) => ({
    status,
    body: { error: code, message: texts[language], request_id: requestId },
  })
  if (error instanceof ApiError) return answer(error.status, error.code, error.texts)
  const stated = z.object({ statusCode: z.int().min(400).max(499), message: z.string() }).safeParse(error)
  return stated.success
    ? answer(stated.data.statusCode, 'INVALID_REQUEST', common.notReadable(repeated(stated.data.message)))
    : answer(500, 'INTERNAL_ERROR', refusals.inside)
}
