/** The tools' HTTP client: one origin each, with limits on time, size and concurrency. It retries only where a retry can help. */
import { readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import pLimit from 'p-limit'
import pRetry from 'p-retry'
import { Agent } from 'undici'
import { DEEPEST, tooDeepAt } from '../../recording/json.ts'
import { attempt } from './attempt.ts'
import type { Call, Credentials } from './call.ts'
import { HttpError } from './http-error.ts'
import type { CallContext } from './tools.ts'

export interface HttpOptions {
  /** base of every request: a path is kept as a prefix, a user name and password become the credentials */
  baseUrl: string
  credentials?: Credentials
  /** PEM file of the CA to trust; throws at start if it cannot be read */
  caFile?: string
  /** ms per attempt */
  timeoutMs: number
  /** retries after a timeout, 429 or 5xx; default 2 */
  retries?: number
  /** concurrent calls; default 8 */
  concurrency?: number
  /** largest accepted response in bytes; default 20 MB */
  maxBytes?: number
}

export interface Http {
  /** The body of a 2xx response. Throws `HttpError` otherwise. */
  text(call: Call, context: CallContext): Promise<string>
  json(call: Call, context: CallContext): Promise<unknown>
  /** without user name and password */
  baseUrl: string
}

const MAX_BYTES = 20 * 1024 * 1024
/** If the server asks for a longer wait there is no retry: the answer would come too late. */
const LONGEST_RETRY_AFTER_MS = 10_000

export function createHttp(options: HttpOptions): Http {
  const { base, credentials } = baseOf(options)
  const limit = pLimit(options.concurrency ?? 8)
  const ca = options.caFile === undefined ? {} : { ca: readFileSync(options.caFile, 'utf8') }
  const dispatcher = new Agent({ connect: { timeout: options.timeoutMs, ...ca } })
  const target = {
    base,
    credentials,
    dispatcher,
    timeoutMs: options.timeoutMs,
    maxBytes: options.maxBytes ?? MAX_BYTES,
  }
  const text = (call: Call, context: CallContext): Promise<string> =>
    limit(() =>
      pRetry(() => withinBudget(context, () => attempt(call, context, target)), {
        retries: options.retries ?? 2,
        minTimeout: 200,
        factor: 3,
        signal: context.signal,
        shouldRetry: ({ error }) =>
          error instanceof HttpError && error.retryable && (error.retryAfterMs ?? 0) <= LONGEST_RETRY_AFTER_MS,
        onFailedAttempt: async ({ error, retriesLeft }) => {
          const waitMs = error instanceof HttpError ? error.retryAfterMs : null
          if (waitMs !== null && waitMs <= LONGEST_RETRY_AFTER_MS && retriesLeft > 0)
            await wait(waitMs, undefined, { signal: context.signal })
        },
      }),
    )
  return {
    baseUrl: base.href,
    text,
    async json(call, context) {
      const body = await text(call, context)
      if (tooDeepAt(body) !== null)
        throw new HttpError(200, `${base.origin} answered with JSON nested deeper than ${DEEPEST} levels`)
      try {
        return JSON.parse(body)
      } catch (error) {
        throw new HttpError(200, `${base.origin} did not answer with JSON: ${body.slice(0, 200)}`, { cause: error })
      }
    },
  }
}

/** All calls of one question share one limit on response bytes. */
async function withinBudget({ budget }: CallContext, ask: () => Promise<string>): Promise<string> {
  const tooMuch = () =>
    new HttpError(0, `the responses to one question exceed ${budget?.bytes} bytes: narrow the query`)
  if (budget !== undefined && budget.left <= 0) throw tooMuch()
  const body = await ask()
  if (budget === undefined) return body
  budget.left -= body.length
  if (budget.left < 0) throw tooMuch()
  return body
}

function baseOf({ baseUrl, credentials = {} }: HttpOptions): { base: URL; credentials: Credentials } {
  const base = new URL(baseUrl.endsWith('/') ? baseUrl : `${baseUrl}/`)
  const [username, password] = [decodeURIComponent(base.username), decodeURIComponent(base.password)]
  base.username = ''
  base.password = ''
  return { base, credentials: username === '' ? credentials : { basic: { username, password }, ...credentials } }
}
