/**
 * A person signs in with the issuer (authorization code, PKCE) and keeps a session here. Browsers send a cookie to every port of its host, so
 * the cookie of a session is for one path that nobody can guess: whoever else listens on this machine is never sent it.
 */
import { randomBytes } from 'node:crypto'
import { buildEndSessionUrl, type Configuration } from 'openid-client'
import { type Attempt, beginSignIn, discoverIssuer } from '../../issuer/pkce.ts'
import type { Access, Caller } from '../access.ts'

export interface LoginOptions {
  issuerUrl: string
  /** public client of people */
  clientId: string
  /** what the token is asked for (RFC 8707), where the issuer wants to be told */
  resource: string | null
  scope: string
  access: Access
  clock(): number
}

export interface PersonSession {
  /** the cookie */
  id: string
  /** the last part of the path it is for */
  place: string
  person: Caller
  /** goes with every form: a request that another site makes does not know it */
  formToken: string
  expiresAt: number
  /** who it was, as the issuer says: it may want to hear it again at the end */
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
    /** where the browser goes, and the id of the attempt it must come back with */
    begin: async (redirectUri: string): Promise<{ attempt: string; url: URL }> => {
      const begun = await beginSignIn(await configured(), { redirectUri, scope, resource })
      const attempt = randomBytes(24).toString('base64url')
      keep(attempts, attempt, { ...begun, redirectUri, expiresAt: clock() + attemptMs })
      return { attempt, url: begun.url }
    },
    /** The session of who comes back from the issuer; null when the attempt is not known, or not any more. */
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
    /** Where the browser goes to end what the issuer remembers too (RP-initiated logout); null: it has no such place. */
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
