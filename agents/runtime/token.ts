/** Access tokens by client credentials: cached in memory, renewed before they expire, with one request in flight. */
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
  /** resource indicator (RFC 8707), for issuers that require one */
  resource?: string
  now?: () => number
}

const RENEW_BEFORE_MS = 60_000
const DEFAULT_LIFETIME_S = 60

/**
 * Returns a token that stays valid for some time, and not the `rejected` one, which a server may refuse before its expiry. Rejects with the issuer's
 * error.
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

/** The library's error only says that the response body contained an error. */
function inItsWords({ issuer, clientId }: TokenOptions, error: unknown): unknown {
  if (!(error instanceof ResponseBodyError)) return error
  const why = [error.error, error.error_description].filter((text) => text !== undefined).join(': ')
  return new Error(`${issuer} refused ${clientId} a token: ${why}`, { cause: error })
}
