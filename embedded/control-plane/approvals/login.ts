/**
 * Signs a person in with the issuer (authorization code, PKCE) and keeps a session. Browsers send cookies to every port of a host, so the session's
 * cookie is limited to an unguessable path: other servers on this machine never get it.
 */
import { randomBytes } from 'node:crypto'
import { buildEndSessionUrl, type Configuration } from 'openid-client'
import { type Attempt, beginSignIn, discoverIssuer } from '../../issuer/pkce.ts'
import type { Access, Caller } from '../access.ts'

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

interface OpenAttempt extends Attempt {
  redirectUri: string
  expiresAt: number
}

const attemptMs = 600_000
const sessionMs = 3_600_000
const most = 1_000

/** Sessions live in memory: after a restart people sign in again. */
export function createLogin({ issuerUrl, clientId, resource, scope, access, clock }: LoginOptions) {
  const attempts = new Map<string, OpenAttempt>()
  const sessions = new Map<string, PersonSession>()
  let configuration: Promise<Configuration> | null = null

  const configured = (): Promise<Configuration> => {
    configuration ??= discoverIssuer(issuerUrl, clientId).catch((error: unknown) => {
      configuration = null
      throw error
    })
    return configuration
  }

  function keep<T extends { expiresAt: number }>(store: Map<string, T>, id: string, value: T): void {
    for (const [key, { expiresAt }] of store) if (expiresAt <= clock() || store.size >= most) store.delete(key)
    store.set(id, value)
  }

  return {
    /** the issuer's URL, and the id of this attempt */
    begin: async (redirectUri: string): Promise<{ attempt: string; url: URL }> => {
      const begun = await beginSignIn(await configured(), { redirectUri, scope, resource })
      const attempt = randomBytes(24).toString('base64url')
      keep(attempts, attempt, { ...begun, redirectUri, expiresAt: clock() + attemptMs })
      return { attempt, url: begun.url }
    },
    /** The session after the redirect back from the issuer; null: the attempt is unknown or expired. */
    complete: async (attemptId: string | undefined, query: string): Promise<PersonSession | null> => {
      const attempt = attempts.get(attemptId ?? '')
      attempts.delete(attemptId ?? '')
      if (attempt === undefined || attempt.expiresAt <= clock()) return null
      const tokens = await attempt.complete(new URL(`${attempt.redirectUri}${query}`))
      const session = {
        id: randomBytes(32).toString('base64url'),
        place: randomBytes(24).toString('base64url'),
        idToken: tokens.id_token ?? null,
        person: await access.callerOf(tokens.access_token),
        formToken: randomBytes(24).toString('base64url'),
        expiresAt: clock() + sessionMs,
      }
      keep(sessions, session.id, session)
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
