/** Identity providers grant different scopes: an unsupported one must not prevent the sign-in. */
import { AuthorizationResponseError, ResponseBodyError } from 'openid-client'
import { platformScopes } from '../../embedded/issuer/access.ts'

export const allScopes = ['openid', 'offline_access', ...platformScopes].join(' ')

/** The refusals that are about scopes. Keycloak says `not_allowed` to a person without the role `offline_access`. */
const ABOUT_SCOPES = ['invalid_scope', 'not_allowed']

export interface Refusal {
  error: string
  description: string | undefined
}

/** The identity provider's error message, if any. */
export const refusalOf = (error: unknown): Refusal | null =>
  error instanceof AuthorizationResponseError || error instanceof ResponseBodyError
    ? { error: error.error, description: error.error_description }
    : null

/**
 * Tries to sign in with these scopes; if they are refused, without `offline_access`, and then with the client's default scopes. Of scopes
 * given by the user, only `offline_access` is dropped.
 */
export async function withScopes<T>(
  scope: string,
  signIn: (scope: string) => Promise<T>,
  told: (left: string, refusal: Refusal) => void,
): Promise<T> {
  const words = scope.split(' ')
  const online = words.filter((word) => word !== 'offline_access')
  const tries = [words, ...(online.length < words.length ? [online] : []), ...(scope === allScopes ? [['openid']] : [])]
  for (const [index, asked] of tries.entries()) {
    try {
      return await signIn(asked.join(' '))
    } catch (error) {
      const refusal = refusalOf(error)
      const next = tries[index + 1]
      if (refusal === null || !ABOUT_SCOPES.includes(refusal.error) || next === undefined) throw error
      told(asked.filter((word) => !next.includes(word)).join(' '), refusal)
    }
  }
  throw new Error('no scopes to request')
}
