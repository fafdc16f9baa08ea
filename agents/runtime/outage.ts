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

/** The bus or the database is away, or not prepared: the same call will do once it is back. PostgreSQL classes 08 and 57P, and sockets. */
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

/** Repeats `work` while the bus or the database is away, for up to about an hour; any other error comes through at once. */
export const throughOutage = <T>(work: () => Promise<T>): Promise<T> =>
  pRetry(work, {
    retries: 720,
    minTimeout: 100,
    maxTimeout: 5000,
    factor: 2,
    shouldRetry: ({ error }) => isOutage(error),
  })
