/** Device sign-in without a browser (RFC 8628): the user opens a URL on another device while the command polls. */
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
  /** shows the URL to open, and the code that its page shows or asks for */
  show(url: string, code: string): void
}

/** Polls until the user has signed in or refused, or the code has expired. */
export async function signInWithDevice({ config, scope, show }: DeviceSignIn): Promise<TokenEndpointResponse> {
  const { issuer, device_authorization_endpoint: endpoint } = config.serverMetadata()
  if (endpoint === undefined) throw new CommandError(login.noDevice(issuer))
  // Keycloak requires PKCE here too if its client does; identity providers without it ignore the parameter
  const verifier = randomPKCECodeVerifier()
  const started = await initiateDeviceAuthorization(config, {
    scope,
    code_challenge: await calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  })
  show(started.verification_uri_complete ?? started.verification_uri, started.user_code)
  return pollDeviceAuthorizationGrant(config, started, { code_verifier: verifier })
}
