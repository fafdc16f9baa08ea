/** Access tokens by client credentials: kept in memory, renewed before they expire, one request in flight. */
import {
  allowInsecureRequests,
  clientCredentialsGrant,
  type Configuration,
  discovery,
  ResponseBodyError,
} from 'openid-client'

export interface TokenOptions {
  issuer: string
  clientId: string
  clientSecret: string
  scope?: string
  /** whom the token is for (RFC 8707), for issuers that want it */
  resource?: string
  now?: () => number
}

const RENEW_BEFORE_MS = 60_000
const DEFAULT_LIFETIME_S = 60

/**
 * Gives a token that is good for a while yet, and another than the one that was `rejected`, for it may be refused before
 * its time. Rejects in the issuer's words when it gives none.
 */
export function createTokenSource(options: TokenOptions): (rejected?: string) => Promise<string> {
  const now = options.now ?? Date.now
  let configuration: Promise<Configuration> | null = null
  let token = { value: '', goodUntil: 0 }
  let inFlight: Promise<string> | null = null

  const discover = (): Promise<Configuration> => {
    const insecure = new URL(options.issuer).protocol === 'http:' ? { execute: [allowInsecureRequests] } : {}
    configuration ??= discovery(new URL(options.issuer), options.clientId, options.clientSecret, undefined, insecure)
    configuration.catch(() => (configuration = null))
    return configuration
  }
  const renew = async (): Promise<string> => {
    const { scope, resource } = options
    const granted = await clientCredentialsGrant(await discover(), {
      ...(scope === undefined ? {} : { scope }),
      ...(resource === undefined ? {} : { resource }),
    }).catch((error: unknown) => {
      throw inItsWords(options, error)
    })
    const lifetimeMs = (granted.expiresIn() ?? DEFAULT_LIFETIME_S) * 1000
    token = { value: granted.access_token, goodUntil: now() + Math.max(lifetimeMs - RENEW_BEFORE_MS, lifetimeMs / 2) }
    return token.value
  }
  return (rejected) => {
    if (now() < token.goodUntil && token.value !== rejected) return Promise.resolve(token.value)
    inFlight ??= renew().finally(() => (inFlight = null))
    return inFlight
  }
}

/** The library says only that there was an error in the body. */
function inItsWords({ issuer, clientId }: TokenOptions, error: unknown): unknown {
  if (!(error instanceof ResponseBodyError)) return error
  const why = [error.error, error.error_description].filter((text) => text !== undefined).join(': ')
  return new Error(`${issuer} gives ${clientId} no token: ${why}`, { cause: error })
}
