import pRetry from 'p-retry'

const SOCKET = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'unavailable',
  'not_prepared',
  'keys_unavailable',
])

/** The bus or the database is down or not prepared, so the same call can succeed later. PostgreSQL classes 08 and 57P, and socket errors. */
export function isOutage(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = (error as { code?: unknown }).code
  if (typeof code === 'string' && (SOCKET.has(code) || /^(08|57P|53)/.test(code))) return true
  if (
    /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error/.test(
      error.message,
    )
  )
    return true
  return error.cause !== undefined && isOutage(error.cause)
}

/** Retries `work` while the bus or the database is down, for up to about an hour; any other error is thrown at once. */
export const throughOutage = <T>(work: () => Promise<T>): Promise<T> =>
  pRetry(work, {
    retries: 720,
    minTimeout: 100,
    maxTimeout: 5000,
    factor: 2,
    shouldRetry: ({ error }) => isOutage(error),
  })
