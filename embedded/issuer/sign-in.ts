/**
 * Signs a person in without a browser: authorization code with PKCE through the issuer's real login form. For terminals without a display, tests and
 * the demo.
 */
import { CookieJar } from 'tough-cookie'
import type { Language } from '../../gateway/present/language.ts'
import { consoleClient, platformScopes } from './access.ts'
import { beginSignIn, discoverIssuer } from './pkce.ts'

export interface PersonTokens {
  accessToken: string
  /** null: the issuer grants none */
  refreshToken: string | null
  /** ms since the epoch */
  expiresAt: number
}

export interface SignIn {
  issuer: string
  username: string
  password: string
  clientId?: string
  /** default: all; the token carries those the person's roles allow */
  scope?: string
  /** audience of the token, see `audiences`; default: the gateway */
  resource?: string
  /** language of an error; default English */
  language?: Language
}

/** The issuer refused the sign-in; `said` is its text, or the HTTP status. */
export class SignInRefusedError extends Error {
  override readonly name = 'SignInRefusedError'
  readonly said: string
  constructor(username: string, said: string) {
    super(`the identity provider refused to sign in ${username}: ${said}`)
    this.said = said
  }
}

/** Throws `SignInRefusedError` if the issuer refuses the person. */
export async function signIn(options: SignIn): Promise<PersonTokens> {
  const {
    issuer,
    clientId = consoleClient,
    scope = ['openid', 'offline_access', ...platformScopes].join(' '),
  } = options
  // nothing listens here: the walk stops before following the redirect to it
  const redirectUri = 'http://127.0.0.1:1/callback'
  const config = await discoverIssuer(issuer, clientId)
  const attempt = await beginSignIn(config, { redirectUri, scope, resource: options.resource ?? null })
  const tokens = await attempt.complete(await walk(attempt.url, redirectUri, options))
  return {
    accessToken: tokens.access_token,
    refreshToken: tokens.refresh_token ?? null,
    expiresAt: Date.now() + (tokens.expires_in ?? 0) * 1000,
  }
}

async function walk(start: URL, redirectUri: string, { username, password, language = 'en' }: SignIn): Promise<URL> {
  const jar = new CookieJar()
  let url = start
  let form: URLSearchParams | undefined
  let submitted = false
  for (let step = 0; step < 12; step++) {
    const response = await fetch(url, {
      method: form === undefined ? 'GET' : 'POST',
      redirect: 'manual',
      headers: { cookie: await jar.getCookieString(url.href), 'accept-language': language },
      ...(form === undefined ? {} : { body: form }),
    })
    for (const cookie of response.headers.getSetCookie()) await jar.setCookie(cookie, url.href)
    form = undefined
    const location = response.headers.get('location')
    const body = await response.text()
    if (location !== null) {
      url = new URL(location, url)
      if (url.href.startsWith(redirectUri)) return url
      continue
    }
    const action = /<form[^<>]*\saction="([^"]+)"/i.exec(body)?.[1]
    if (submitted || action === undefined || !response.ok)
      throw new SignInRefusedError(username, saidBy(body) || String(response.status))
    url = new URL(unescape(action), url)
    form = new URLSearchParams({ username, password })
    submitted = true
  }
  throw new Error('too many redirects from the identity provider')
}

const unescape = (value: string): string =>
  value.replaceAll('&amp;', '&').replace(/&#(\d+);/g, (_all, code: string) => String.fromCharCode(Number(code)))

const saidBy = (page: string): string =>
  unescape(
    (/role="alert"[^<>]{0,500}>([^<]{0,2000})</.exec(page)?.[1] ?? page.replace(/<[^<>]+>/g, ' ').slice(0, 200)).trim(),
  )
