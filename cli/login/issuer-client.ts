import { refreshTokenGrant, tokenRevocation } from 'openid-client'
import type { Configuration, TokenEndpointResponse } from 'openid-client'
import { consoleClient } from '../../embedded/issuer/access.ts'
import { discoverIssuer } from '../../embedded/issuer/pkce.ts'
import { login } from '../texts.ts'
import { CommandError } from './context.ts'
import type { ClientContext } from './context.ts'
import { reasonOf } from './reason.ts'
import { lockTokens, readTokens, writeTokens } from './token-store.ts'
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

/** The access token of the signed-in user, refreshed 30 s before it expires. */
export async function accessToken(context: ClientContext, issuer: string): Promise<string> {
  const { dataDir } = context
  const kept = keptTokens(context, issuer)
  if (isFresh(kept, context)) return kept.accessToken
  // a refresh token is valid once: two commands that use it at the same time would end the sign-in
  const release = await lockTokens(dataDir).catch((cause: unknown) => {
    throw new CommandError(login.refreshing, { cause })
  })
  try {
    const now = keptTokens(context, issuer)
    return isFresh(now, context) ? now.accessToken : await refresh(context, issuer, now.refreshToken)
  } finally {
    await release()
  }
}

function keptTokens({ dataDir }: ClientContext, issuer: string): Tokens {
  const kept = readTokens(dataDir, issuer)
  if (kept === null) throw new CommandError(login.nobody)
  return kept
}

const isFresh = ({ expiresAt }: Tokens, { now }: ClientContext): boolean => expiresAt - now() > 30_000

async function refresh({ dataDir, now }: ClientContext, issuer: string, refreshToken: string | null): Promise<string> {
  if (refreshToken === null) throw new CommandError(login.expired)
  const config = await issuerOfPeople(issuer)
  const answer = await refreshTokenGrant(config, refreshToken).catch((error: unknown) => {
    throw new CommandError(login.expired, { cause: error })
  })
  const fresh = { ...tokensOf(answer, now()), refreshToken: answer.refresh_token ?? refreshToken }
  writeTokens(dataDir, issuer, fresh)
  return fresh.accessToken
}
