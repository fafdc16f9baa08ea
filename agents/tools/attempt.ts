/** One request and its response. Follows redirects within the configured origin only, and reads at most `maxBytes`. */
import { type Dispatcher, request } from 'undici'
import { redactText } from '../runtime/redaction.ts'
import { HttpError } from './http-error.ts'
import type { Call, Credentials } from './call.ts'
import type { CallContext } from './tools.ts'
import { failures } from './notes.ts'

export interface Target {
  base: URL
  credentials: Credentials
  dispatcher: Dispatcher
  timeoutMs: number
  maxBytes: number
}

/** Error pages can be long; the first part is enough. */
const ERROR_BODY_BYTES = 32 * 1024
const MAX_REDIRECTS = 3

/** A token can be rejected before it expires, as after a key rotation: retry once if the issuer gives a different one. */
export async function attempt(call: Call, context: CallContext, target: Target): Promise<string> {
  const { bearer } = target.credentials
  const token = bearer && (await inTime(bearer(), context.signal, target))
  try {
    return await follow(call, headersOf(call, context, target.credentials, token), context, target)
  } catch (error) {
    if (bearer === undefined || !(error instanceof HttpError) || error.status !== 401) throw error
    const another = await inTime(bearer(token), context.signal, target)
    if (another === token) throw error
    return follow(call, headersOf(call, context, target.credentials, another), context, target)
  }
}

/** Other calls may share this token fetch, so it is not aborted; this call stops waiting after `timeoutMs`. */
async function inTime(token: Promise<string>, signal: AbortSignal, { base, timeoutMs }: Target): Promise<string> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
  const late = Promise.withResolvers<never>()
  const giveUp = () => late.reject(signal.aborted ? reasonOf(signal) : tooLate(base, timeoutMs))
  limit.addEventListener('abort', giveUp, { once: true })
  if (limit.aborted) giveUp()
  try {
    return await Promise.race([token, late.promise])
  } finally {
    limit.removeEventListener('abort', giveUp)
  }
}

const tooLate = ({ origin }: URL, timeoutMs: number): HttpError =>
  new HttpError(0, `got no access token for ${origin} within ${timeoutMs} ms`, { timedOut: true })

const reasonOf = ({ reason }: AbortSignal): Error => (reason instanceof Error ? reason : new Error('aborted'))

async function follow(
  call: Call,
  headers: Record<string, string>,
  context: CallContext,
  target: Target,
): Promise<string> {
  let url = urlOf(target.base, call)
  for (let hop = 0; ; hop++) {
    const answered = await send(url, call, headers, context.signal, target)
    if ('body' in answered) return answered.body
    const next = new URL(answered.redirect, url)
    // The credentials in the headers are for this origin only.
    if (next.origin !== target.base.origin)
      throw new HttpError(0, `${url.origin} redirects to another origin, ${next.origin}, which is refused`)
    if (hop >= MAX_REDIRECTS) throw new HttpError(0, `${url.origin} redirects more than ${MAX_REDIRECTS} times`)
    url = next
  }
}

async function send(
  url: URL,
  call: Call,
  headers: Record<string, string>,
  signal: AbortSignal,
  { dispatcher, timeoutMs, maxBytes }: Target,
): Promise<{ redirect: string } | { body: string }> {
  const deadline = AbortSignal.timeout(timeoutMs)
  const method = methodOf(call)
  try {
    const response = await request(url, {
      dispatcher,
      method,
      headers,
      body: bodyOf(call),
      signal: AbortSignal.any([signal, deadline]),
    })
    const { statusCode: status, body } = response
    const location = response.headers['location']
    if (isRedirect(status, method) && typeof location === 'string') {
      await body.dump()
      return { redirect: location }
    }
    const packed = response.headers['content-encoding'] ?? 'identity'
    if (packed !== 'identity')
      throw new HttpError(0, `${url.origin} sent a compressed response (${String(packed)}) that was not requested`)
    if (status >= 200 && status < 300) return { body: await whole(body, maxBytes, url) }
    const said = redactText((await beginning(body, ERROR_BODY_BYTES)).trim()).text
    throw new HttpError(status, `${status} from ${url.origin}${url.pathname}: ${said || '(no body)'}`, {
      retryAfterMs: retryAfter(response.headers['retry-after']),
    })
  } catch (error) {
    if (signal.aborted) throw reasonOf(signal)
    if (error instanceof HttpError) throw error
    const timedOut = deadline.aborted || brokeWhileWaiting(error)
    const why = deadline.aborted ? failures.tooSlow(url.origin, timeoutMs) : failures.unreachable(url.origin, wordsOf(error)) // prettier-ignore
    throw new HttpError(0, why, {
      ...(deadline.aborted ? {} : { cause: error }),
      timedOut,
    })
  }
}

/** A POST is repeated only for 307 and 308. */
const isRedirect = (status: number, method: 'GET' | 'POST'): boolean =>
  status === 307 || status === 308 || (method === 'GET' && [301, 302, 303].includes(status))

const BROKEN = new Set(['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT'])
const brokeWhileWaiting = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && BROKEN.has(String(error.code))

/** An AggregateError (several addresses tried) has no message of its own. */
const wordsOf = (error: unknown): string =>
  error instanceof AggregateError
    ? error.errors.map(wordsOf).join(', ')
    : error instanceof Error
      ? error.message || error.name
      : String(error)

const methodOf = ({ method, form, json, body }: Call): 'GET' | 'POST' =>
  method ?? (form === undefined && json === undefined && body === undefined ? 'GET' : 'POST')

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

function headersOf(
  call: Call,
  { traceparent, requestId, tenant: asker }: CallContext,
  { basic, tenant, scopes }: Credentials,
  token: string | undefined,
): Record<string, string> {
  const scope = scopes?.get(asker ?? '') ?? tenant
  const isForm = call.form !== undefined || call.body !== undefined
  return {
    accept: 'application/json',
    // the size limit counts raw bytes, so nothing may be compressed
    'accept-encoding': 'identity',
    ...(call.json === undefined ? {} : { 'content-type': 'application/json' }),
    ...(isForm ? { 'content-type': 'application/x-www-form-urlencoded' } : {}),
    ...(traceparent == null ? {} : { traceparent }),
    ...(requestId == null ? {} : { 'x-request-id': requestId }),
    ...(basic === undefined
      ? {}
      : { authorization: `Basic ${Buffer.from(`${basic.username}:${basic.password}`).toString('base64')}` }),
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(scope === undefined ? {} : { 'x-scope-orgid': scope }),
    ...call.headers,
  }
}

/** Throwing out of the loop closes the connection, which stops the transfer. */
export async function whole(body: AsyncIterable<Buffer>, maxBytes: number, url: URL): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    if (bytes > maxBytes)
      throw new HttpError(0, failures.tooLarge(url.origin, maxBytes), {
        tooLarge: true,
      })
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

async function beginning(body: AsyncIterable<Buffer>, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of body) {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes > maxBytes) return `${Buffer.concat(chunks).subarray(0, maxBytes).toString('utf8')} … (cut)`
  }
  return Buffer.concat(chunks).toString('utf8')
}

function retryAfter(header: string | string[] | undefined): number | null {
  if (typeof header !== 'string') return null
  const seconds = Number(header)
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000)
  const instant = Date.parse(header)
  return Number.isNaN(instant) ? null : Math.max(0, instant - Date.now())
}
