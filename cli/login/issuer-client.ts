import { refreshTokenGrant, tokenRevocation } from 'openid-client'
import type { Configuration, TokenEndpointResponse } from 'openid-client'
import { consoleClient } from '../../embedded/issuer/access.ts'
import { discoverIssuer } from '../../embedded/issuer/pkce.ts'
import { login } from '../texts.ts'
import { CommandError } from './context.ts'
import type { ClientContext } from './context.ts'
import { reasonOf } from './reason.ts'
import { readTokens, writeTokens } from './token-store.ts'
import type { Tokens } from './token-store.ts'

/** The issuer's configuration for the public client of people. */
export async function issuerOfPeople(issuer: string): Promise<Configuration> {
  try {
    return await discoverIssuer(issuer, consoleClient)
  } catch (error) {
    throw new CommandError(login.issuerAway(issuer, reasonOf(error)), { cause: error })
  }
}

/** Revokes the refresh token of a sign-in. */
export async function revoke(issuer: string, refreshToken: string): Promise<void> {
  await tokenRevocation(await issuerOfPeople(issuer), refreshToken, { token_type_hint: 'refresh_token' })
}

export const tokensOf = (answer: TokenEndpointResponse, now: number): Tokens => ({
  accessToken: answer.access_token,
  refreshToken: answer.refresh_token ?? null,
  expiresAt: now + (answer.expires_in ?? 0) * 1000,
})

/** Refreshes under way in this process. A refresh token is valid once: using it twice at once would end the sign-in. */
const refreshing = new Map<string, Promise<string>>()

/** The access token of the signed-in user, refreshed 30 s before it expires. */
export async function accessToken(context: ClientContext, issuer: string): Promise<string> {
  const { dataDir, now } = context
  const kept = readTokens(dataDir, issuer)
  if (kept === null) throw new CommandError(login.nobody)
  if (kept.expiresAt - now() > 30_000) return kept.accessToken
  if (kept.refreshToken === null) throw new CommandError(login.expired)
  const key = JSON.stringify([dataDir, issuer])
  const running =
    refreshing.get(key) ?? refresh(context, issuer, kept.refreshToken).finally(() => refreshing.delete(key))
  refreshing.set(key, running)
  return running
}

async function refresh({ dataDir, now }: ClientContext, issuer: string, refreshToken: string): Promise<string> {
  const config = await issuerOfPeople(issuer)
  const answer = await refreshTokenGrant(config, refreshToken).catch((error: unknown) => {
    throw new CommandError(login.expired, { cause: error })
  })
  const fresh = { ...tokensOf(answer, now()), refreshToken: answer.refresh_token ?? refreshToken }
  writeTokens(dataDir, issuer, fresh)
  return fresh.accessToken
}
