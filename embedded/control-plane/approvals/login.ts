/**
 * Signs a person in with the issuer (authorization code, PKCE) and keeps a session. Browsers send cookies to every port of a host, so the session's
 * cookie is limited to an unguessable path: other servers on this machine never get it.
 */
import { randomBytes } from 'node:crypto'
import { buildEndSessionUrl, type Configuration } from 'openid-client'
import { beginSignIn, completeSignIn, discoverIssuer } from '../../issuer/pkce.ts'
import type { Access, Caller } from '../access.ts'
import { createAttempts } from './attempts.ts'

export interface LoginOptions {
  issuerUrl: string
  /** public client of people */
  clientId: string
  /** resource indicator (RFC 8707), for issuers that require one */
  resource: string | null
  scope: string
  access: Access
  clock(): number
}

export interface PersonSession {
  /** the cookie's value */
  id: string
  /** last segment of the cookie's path */
  place: string
  person: Caller
  /** anti-CSRF token of every form */
  formToken: string
  expiresAt: number
  /** the issuer's id token, which it may require at logout */
  idToken: string | null
}

const sessionMs = 3_600_000
const most = 1_000

/** Sessions live in memory: after a restart people sign in again. */
export function createLogin({ issuerUrl, clientId, resource, scope, access, clock }: LoginOptions) {
  const attempts = createAttempts(clock)
  const sessions = new Map<string, PersonSession>()
  let configuration: Promise<Configuration> | null = null

  const configured = (): Promise<Configuration> => {
    configuration ??= discoverIssuer(issuerUrl, clientId).catch((error: unknown) => {
      configuration = null
      throw error
    })
    return configuration
  }

  function keep(session: PersonSession): void {
    for (const [id, { expiresAt }] of sessions) if (expiresAt <= clock() || sessions.size >= most) sessions.delete(id)
    sessions.set(session.id, session)
  }

  return {
    /** the issuer's URL, and the attempt as its browser keeps it */
    begin: async (redirectUri: string): Promise<{ attempt: string; url: URL }> => {
      const { url, secrets } = await beginSignIn(await configured(), { redirectUri, scope, resource })
      return { attempt: await attempts.seal({ ...secrets, redirectUri }), url }
    },
    /** The session after the redirect back from the issuer; null: the attempt is not one of ours, or expired. */
    complete: async (sealed: string | undefined, query: string): Promise<PersonSession | null> => {
      const attempt = await attempts.open(sealed ?? '')
      if (attempt === null) return null
      const tokens = await completeSignIn(await configured(), new URL(`${attempt.redirectUri}${query}`), attempt)
      const session = {
        id: randomBytes(32).toString('base64url'),
        place: randomBytes(24).toString('base64url'),
        idToken: tokens.id_token ?? null,
        person: await access.callerOf(tokens.access_token),
        formToken: randomBytes(24).toString('base64url'),
        expiresAt: clock() + sessionMs,
      }
      keep(session)
      return session
    },
    sessionOf: (place: string, id: string | undefined): PersonSession | null => {
      const session = sessions.get(id ?? '')
      return session === undefined || session.place !== place || session.expiresAt <= clock() ? null : session
    },
    /** URL that ends the issuer's session too (RP-initiated logout); null: the issuer has none. */
    end: async ({ id, idToken }: PersonSession, returnTo: string): Promise<URL | null> => {
      sessions.delete(id)
      const config = await configured()
      if (config.serverMetadata().end_session_endpoint === undefined) return null
      const hint: Record<string, string> = idToken === null ? {} : { id_token_hint: idToken }
      return buildEndSessionUrl(config, { post_logout_redirect_uri: returnTo, ...hint })
    },
  }
}

export type Login = ReturnType<typeof createLogin>
