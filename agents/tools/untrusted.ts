/**
 * Fetches a URL from an untrusted source: an event, a label, an annotation. To prevent SSRF, private, loopback, link-local and metadata addresses are
 * refused, checked after name resolution on the very address used for the connection. No credentials are sent.
 */
import { lookup as resolve, type LookupAddress } from 'node:dns'
import type { LookupFunction } from 'node:net'
import ipaddr from 'ipaddr.js'
import { Agent, request } from 'undici'
import { whole } from './attempt.ts'
import { HttpError } from './http-error.ts'
import type { CallContext } from './tools.ts'

export interface UntrustedOptions {
  /** configured origins, which may have any address */
  trustedOrigins?: readonly string[]
  timeoutMs?: number
  maxBytes?: number
  /** resolves names to addresses; default: the system's resolver */
  lookup?: (host: string, options: { all: true }, done: (error: Error | null, found: LookupAddress[]) => void) => void
}

const MAX_REDIRECTS = 3
/** Public addresses that the cloud host answers itself: Azure's metadata and health endpoint. */
const METADATA = new Set(['168.63.129.16'])

/** Addresses of the public unicast range only. */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false
  const parsed = ipaddr.process(address)
  return parsed.range() === 'unicast' && !METADATA.has(parsed.toString())
}

/** The body of a 2xx response. Throws `HttpError` otherwise, and for a refused address. */
export function createUntrustedReader(options: UntrustedOptions = {}) {
  const { trustedOrigins = [], timeoutMs = 10_000, maxBytes = 1024 * 1024, lookup = resolve } = options
  const open = new Agent({ connect: { timeout: timeoutMs } })
  const guarded = new Agent({ connect: { timeout: timeoutMs, lookup: publicLookup(lookup) } })

  return async (address: string, context: CallContext): Promise<string> => {
    const signal = AbortSignal.any([context.signal, AbortSignal.timeout(timeoutMs)])
    let url = checked(address)
    for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
      const trusted = trustedOrigins.includes(url.origin)
      // A literal address skips name resolution, so it is checked here.
      const literal = url.hostname.replace(/^\[|\]$/g, '')
      if (!trusted && ipaddr.isValid(literal) && !isPublicAddress(literal)) throw refused(url.origin)
      const { statusCode, headers, body } = await request(url, { dispatcher: trusted ? open : guarded, signal }).catch(
        (error: unknown) => {
          throw error instanceof HttpError ? error : new HttpError(0, `${url.origin} cannot be read`, { cause: error })
        },
      )
      if (statusCode >= 200 && statusCode < 300) return whole(body, maxBytes, url)
      await body.dump()
      const location = headers['location']
      if (statusCode < 300 || statusCode >= 400 || typeof location !== 'string')
        throw new HttpError(statusCode, `${statusCode} from ${url.origin}${url.pathname}`)
      url = checked(new URL(location, url).href)
    }
    throw new HttpError(0, `${url.origin} redirects more than ${MAX_REDIRECTS} times`)
  }
}

function checked(address: string): URL {
  const url = URL.parse(address)
  if (url === null || !['http:', 'https:'].includes(url.protocol)) throw new HttpError(0, 'not an http(s) URL: refused')
  url.username = ''
  url.password = ''
  return url
}

const refused = (where: string): HttpError => new HttpError(0, `${where} is not a public address: refused`)

/** Refuses a name if any of its addresses is refused, because the connection may use any of them. */
const publicLookup =
  (lookup: NonNullable<UntrustedOptions['lookup']>): LookupFunction =>
  (host, { all }, done) =>
    lookup(host, { all: true }, (error, found) => {
      const first = found?.[0]
      if (error !== null || first === undefined) return done(error ?? new Error(`${host} has no address`), '', 0)
      if (!found.every(({ address }) => isPublicAddress(address))) return done(refused(host), '', 0)
      return all === true ? done(null, found) : done(null, first.address, first.family)
    })
