/** What went wrong with an attempt, as one coded error that never holds the key. */
import { APIConnectionError, APIError } from '@anthropic-ai/sdk'
import { ModelError } from './model.ts'

const LONGEST_MESSAGE = 500
const OVERLOADED = 529

/** `key` is cut out of the message: a proxy may repeat what it was sent. */
export function failureOf(error: unknown, key: string): ModelError {
  if (error instanceof ModelError) return error
  const text = error instanceof Error ? error.message : String(error)
  const message = text.replaceAll(key, '[key]').slice(0, LONGEST_MESSAGE)
  if (wasCut(error)) return new ModelError('cut_off', `the connection was cut: ${message}`, true)
  if (error instanceof APIConnectionError) return new ModelError('unreachable', message, true)
  if (error instanceof APIError) return answered(error, message)
  if (/stream ended|request ended/i.test(text)) return new ModelError('cut_off', message, true)
  return new ModelError('nonsense', `the answer cannot be read: ${message}`, true)
}

function answered(error: APIError, message: string): ModelError {
  const { status, type } = error
  const wait = retryAfter(error.headers)
  if (status === 429 || type === 'rate_limit_error') return new ModelError('rate_limited', message, true, wait)
  if (status === 401 || status === 403) return new ModelError('unauthorized', message, false)
  if (status === 408) return new ModelError('timeout', message, true, wait)
  if (status === OVERLOADED || type === 'overloaded_error' || (status ?? 500) >= 500)
    return new ModelError('overloaded', message, true, wait)
  return new ModelError('bad_request', message, false)
}

/** Seconds, or a date. */
function retryAfter(headers: Headers | undefined): number | null {
  const value = headers?.get('retry-after')
  if (!value) return null
  const ms = /^\d+(\.\d+)?$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now()
  return Number.isFinite(ms) ? Math.max(0, ms) : null
}

/** The connection ended within an answer, unlike one that could not be made. */
function wasCut(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = (error as { code?: unknown }).code
  if (code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' || error.message === 'terminated') return true
  return error.cause !== undefined && wasCut(error.cause)
}
