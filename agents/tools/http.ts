/** How tools go out: one origin each, bounded in time, size and number, repeated only where repeating may help. */
import { readFileSync } from 'node:fs'
import pLimit from 'p-limit'
import pRetry from 'p-retry'
import { Agent, request, type Dispatcher } from 'undici'
import { redactText } from '../runtime/redaction.ts'
import type { CallContext } from './tools.ts'

export interface Credentials {
  /** asked for each call, so that a token may be renewed */
  bearer?: () => Promise<string>
  basic?: { username: string; password: string }
  /** X-Scope-OrgID */
  tenant?: string
}

export interface HttpOptions {
  /** where it goes; a path is kept as a prefix */
  baseUrl: string
  credentials?: Credentials
  /** PEM file of the authority to trust */
  caFile?: string
  /** ms for one attempt */
  timeoutMs: number
  /** repeats after a timeout, 429 or 5xx; default 2 */
  retries?: number
  /** calls at once; default 8 */
  concurrency?: number
  /** bytes of an answer; default 20 MB */
  maxBytes?: number
}

export interface Call {
  method?: 'GET' | 'POST'
  path: string
  query?: Readonly<Record<string, string | number | undefined>>
  form?: Readonly<Record<string, string | number | undefined>>
  /** a form that is encoded already, where a name comes more than once */
  body?: string
  json?: unknown
  headers?: Readonly<Record<string, string>>
}

export interface Http {
  /** The body of a 2xx answer as text. Throws `HttpError` otherwise. */
  text(call: Call, context: CallContext): Promise<string>
  json(call: Call, context: CallContext): Promise<unknown>
  baseUrl: string
}

/** The upstream's own words, bounded and without secrets. `status` 0: there was no answer. */
export class HttpError extends Error {
  override readonly name = 'HttpError'
  readonly status: number
  readonly retryAfterMs: number | null
  constructor(status: number, message: string, options: ErrorOptions & { retryAfterMs?: number | null } = {}) {
    super(message, options)
    this.status = status
    this.retryAfterMs = options.retryAfterMs ?? null
  }
}

const ERROR_BODY_CHARACTERS = 8_000
const MAX_REDIRECTS = 3
const LONGEST_RETRY_AFTER_MS = 10_000

export function createHttp(options: HttpOptions): Http {
  const base = new URL(options.baseUrl.endsWith('/') ? options.baseUrl : `${options.baseUrl}/`)
  const limit = pLimit(options.concurrency ?? 8)
  const dispatcher = new Agent({
    connect: {
      timeout: options.timeoutMs,
      ...(options.caFile === undefined ? {} : { ca: readFileSync(options.caFile, 'utf8') }),
    },
  })
  const text = (call: Call, context: CallContext): Promise<string> =>
    limit(() =>
      pRetry(() => attempt(call, context, base, dispatcher, options), {
        retries: options.retries ?? 2,
        minTimeout: 200,
        factor: 3,
        signal: context.signal,
        shouldRetry: ({ error }) =>
          error instanceof HttpError && (error.status === 0 || error.status === 429 || error.status >= 500),
        onFailedAttempt: async ({ error }) => {
          const waitMs = error instanceof HttpError ? error.retryAfterMs : null
          if (waitMs !== null)
            await new Promise((resolve) => setTimeout(resolve, Math.min(waitMs, LONGEST_RETRY_AFTER_MS)))
        },
      }),
    )
  return {
    baseUrl: base.href,
    text,
    async json(call, context) {
      const body = await text(call, context)
      try {
        return JSON.parse(body)
      } catch (error) {
        throw new HttpError(200, `the answer is not JSON: ${body.slice(0, 200)}`, { cause: error })
      }
    },
  }
}

async function attempt(
  call: Call,
  context: CallContext,
  base: URL,
  dispatcher: Dispatcher,
  options: HttpOptions,
): Promise<string> {
  let url = urlOf(base, call)
  const headers = await headersOf(call, context, options)
  for (let hop = 0; ; hop++) {
    const answered = await send(url, call, headers, context.signal, dispatcher, options)
    if (answered.redirect === null) return answered.body
    const target = new URL(answered.redirect, url)
    if (target.origin !== base.origin)
      throw new HttpError(310, `refused a redirect to another origin: ${target.origin}`)
    if (hop >= MAX_REDIRECTS) throw new HttpError(310, `more than ${MAX_REDIRECTS} redirects`)
    url = target
  }
}

async function send(
  url: URL,
  call: Call,
  headers: Record<string, string>,
  signal: AbortSignal,
  dispatcher: Dispatcher,
  options: HttpOptions,
): Promise<{ redirect: string; body: '' } | { redirect: null; body: string }> {
  const deadline = AbortSignal.timeout(options.timeoutMs)
  try {
    const response = await request(url, {
      dispatcher,
      method:
        call.method ?? (call.form === undefined && call.json === undefined && call.body === undefined ? 'GET' : 'POST'),
      headers,
      body: bodyOf(call),
      signal: AbortSignal.any([signal, deadline]),
    })
    const location = response.headers['location']
    if (response.statusCode >= 300 && response.statusCode < 400 && typeof location === 'string') {
      await response.body.dump()
      return { redirect: location, body: '' }
    }
    const body = await bounded(response.body, options.maxBytes ?? 20 * 1024 * 1024)
    if (response.statusCode >= 200 && response.statusCode < 300) return { redirect: null, body }
    const said = redactText(body.slice(0, ERROR_BODY_CHARACTERS)).text.trim()
    throw new HttpError(
      response.statusCode,
      `${response.statusCode} from ${url.origin}${url.pathname}: ${said || '(no body)'}`,
      {
        retryAfterMs: retryAfter(response.headers['retry-after']),
      },
    )
  } catch (error) {
    if (error instanceof HttpError || signal.aborted) throw signal.aborted ? aborted(signal) : error
    const why = deadline.aborted
      ? `no answer within ${options.timeoutMs} ms`
      : error instanceof Error
        ? error.message
        : String(error)
    throw new HttpError(0, `${url.origin} cannot be asked: ${why}`, { cause: error })
  }
}

const aborted = (signal: AbortSignal): Error => (signal.reason instanceof Error ? signal.reason : new Error('aborted'))

function urlOf(base: URL, call: Call): URL {
  const url = new URL(call.path.replace(/^\/+/, ''), base)
  for (const [name, value] of Object.entries(call.query ?? {}))
    if (value !== undefined) url.searchParams.set(name, String(value))
  return url
}

function bodyOf({ form, json, body }: Call): string | null {
  if (body !== undefined) return body
  if (json !== undefined) return JSON.stringify(json)
  if (form === undefined) return null
  const defined = Object.entries(form).filter((entry): entry is [string, string | number] => entry[1] !== undefined)
  return new URLSearchParams(Object.fromEntries(defined.map(([name, value]) => [name, String(value)]))).toString()
}

async function headersOf(
  call: Call,
  context: CallContext,
  { credentials = {} }: HttpOptions,
): Promise<Record<string, string>> {
  const { bearer, basic, tenant } = credentials
  return {
    accept: 'application/json',
    ...(call.json === undefined ? {} : { 'content-type': 'application/json' }),
    ...(call.form === undefined && call.body === undefined
      ? {}
      : { 'content-type': 'application/x-www-form-urlencoded' }),
    ...(context.traceparent == null ? {} : { traceparent: context.traceparent }),
    ...(bearer === undefined ? {} : { authorization: `Bearer ${await bearer()}` }),
    ...(basic === undefined
      ? {}
      : { authorization: `Basic ${Buffer.from(`${basic.username}:${basic.password}`).toString('base64')}` }),
    ...(tenant === undefined ? {} : { 'x-scope-orgid': tenant }),
    ...call.headers,
  }
}

async function bounded(body: AsyncIterable<Buffer>, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    if (bytes > maxBytes) throw new HttpError(413, `the answer is larger than ${maxBytes} bytes: ask for less`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function retryAfter(header: string | string[] | undefined): number | null {
  if (typeof header !== 'string') return null
  const seconds = Number(header)
  if (Number.isFinite(seconds)) return seconds * 1000
  const instant = Date.parse(header)
  return Number.isNaN(instant) ? null : Math.max(0, instant - Date.now())
}
