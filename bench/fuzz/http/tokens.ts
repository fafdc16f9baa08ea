import { allowInsecureRequests, clientCredentialsGrant, discovery } from 'openid-client'
import type { Issuer } from '../../../embedded/issuer.ts'
import { signIn } from '../../../embedded/issuer/sign-in.ts'

const machineScopes: Record<string, string> = { 'control-plane': 'sre-platform:read sre-platform:diagnose' }

/** A new access token of a person, by name, or of a machine, by client id; `scope`: default all scopes they may have. */
export async function tokenFrom(issuer: Issuer, who: string, scope?: string): Promise<string> {
  const person = issuer.people.find(({ username }) => username === who)
  if (person !== undefined)
    return (await signIn({ issuer: issuer.url, username: who, password: person.password, ...(scope ? { scope } : {}) }))
      .accessToken
  const config = await discovery(new URL(issuer.url), who, issuer.clients[who], undefined, {
    execute: [allowInsecureRequests],
  })
  return (await clientCredentialsGrant(config, { scope: scope ?? machineScopes[who] ?? '' })).access_token
}
