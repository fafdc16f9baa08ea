/** Sign-in from a machine without a browser (RFC 8628): the person opens a URL on any other device, and this one waits. */
import {
  calculatePKCECodeChallenge,
  initiateDeviceAuthorization,
  pollDeviceAuthorizationGrant,
  randomPKCECodeVerifier,
} from 'openid-client'
import type { Configuration, TokenEndpointResponse } from 'openid-client'
import { login } from '../texts.ts'
import { CommandError } from './context.ts'

export interface DeviceSignIn {
  config: Configuration
  scope: string
  /** shows the person the URL to open, and the code that its page shows or asks for */
  show(url: string, code: string): void
}

/** Polls until the person has signed in, has refused, or the code has expired. */
export async function signInWithDevice({ config, scope, show }: DeviceSignIn): Promise<TokenEndpointResponse> {
  const { issuer, device_authorization_endpoint: endpoint } = config.serverMetadata()
  if (endpoint === undefined) throw new CommandError(login.noDevice(issuer))
  // Keycloak demands PKCE here too where the client does; an identity provider that does not know it ignores it
  const verifier = randomPKCECodeVerifier()
  const started = await initiateDeviceAuthorization(config, {
    scope,
    code_challenge: await calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  })
  show(started.verification_uri_complete ?? started.verification_uri, started.user_code)
  return pollDeviceAuthorizationGrant(config, started, { code_verifier: verifier })
}
