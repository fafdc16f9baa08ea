/** Sign-in for people: authorization code with PKCE, for a public client. */
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  type Configuration,
  discovery,
  None,
  randomPKCECodeVerifier,
  randomState,
  type TokenEndpointResponse,
} from 'openid-client'

/** OIDC discovery; allows plain http only if the issuer's own URL is http. */
export function discoverIssuer(issuer: string, clientId: string): Promise<Configuration> {
  const insecure = new URL(issuer).protocol === 'http:' ? { execute: [allowInsecureRequests] } : {}
  return discovery(new URL(issuer), clientId, undefined, None(), insecure)
}

/** Completes an attempt; must be known only to the client that began it. */
export interface Secrets {
  verifier: string
  state: string
}

export interface Attempt {
  /** where to send the person */
  url: URL
  secrets: Secrets
  /** `completeSignIn` of this attempt */
  complete(callback: URL): Promise<TokenEndpointResponse>
}

/** `resource`: resource indicator (RFC 8707), for issuers that require one. */
export async function beginSignIn(
  config: Configuration,
  { redirectUri, scope, resource = null }: { redirectUri: string; scope: string; resource?: string | null },
): Promise<Attempt> {
  const verifier = randomPKCECodeVerifier()
  const state = randomState()
  const url = buildAuthorizationUrl(config, {
    redirect_uri: redirectUri,
    scope,
    state,
    code_challenge: await calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    ...(resource === null ? {} : { resource }),
  })
  const secrets = { verifier, state }
  return { url, secrets, complete: (callback) => completeSignIn(config, callback, secrets) }
}

/** Exchanges the code from the redirect. Throws errors of the issuer or of openid-client. */
export const completeSignIn = (
  config: Configuration,
  callback: URL,
  { verifier, state }: Secrets,
): Promise<TokenEndpointResponse> =>
  authorizationCodeGrant(config, callback, { pkceCodeVerifier: verifier, expectedState: state })
