/** How people sign in everywhere here: authorization code with PKCE, for a public client. */
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

/** Asks the issuer where its endpoints are; plain http only where the issuer's own URL is. */
export function discoverIssuer(issuer: string, clientId: string): Promise<Configuration> {
  const insecure = new URL(issuer).protocol === 'http:' ? { execute: [allowInsecureRequests] } : {}
  return discovery(new URL(issuer), clientId, undefined, None(), insecure)
}

export interface Attempt {
  /** where the person goes */
  url: URL
  /** Exchanges what came back to `redirectUri`. Throws what the issuer or openid-client object to. */
  complete(callback: URL): Promise<TokenEndpointResponse>
}

/** `resource` (RFC 8707): whom the token is for, where the issuer wants to be told. */
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
  const complete = (callback: URL) =>
    authorizationCodeGrant(config, callback, { pkceCodeVerifier: verifier, expectedState: state })
  return { url, complete }
}
