/** The one page of the issuer: a person types name and password. It works without scripts and says why a sign-in failed. */
import { timingSafeEqual, createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import type { Provider } from 'oidc-provider'
import type { Person } from './state.ts'

const attemptsPerMinute = 10

/** Answers `/interaction/<uid>`; returns false for every other path. */
export function createLoginPage(provider: Provider, people: ReadonlyMap<string, Person>, now: () => number) {
  const failures = new Map<string, number[]>()
  const recentFailures = (username: string) => (failures.get(username) ?? []).filter((at) => at > now() - 60_000)

  async function signIn(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (Number(request.headers['content-length'] ?? 0) > 4096) return page(response, 413, request.url, 'Too long.')
    const form = new URLSearchParams(await text(request))
    const username = form.get('username') ?? ''
    const recent = recentFailures(username)
    if (recent.length >= attemptsPerMinute)
      return page(response, 429, request.url, 'Too many attempts: wait a minute. 嘗試次數過多，請稍候一分鐘。')
    const person = people.get(username)
    if (person === undefined || !same(person.password, form.get('password') ?? '')) {
      if (person !== undefined) failures.set(username, [...recent, now()])
      return page(response, 401, request.url, 'Unknown name or wrong password. 帳號或密碼錯誤。')
    }
    failures.delete(username)
    await provider.interactionFinished(request, response, { login: { accountId: person.username } })
  }

  return async (request: IncomingMessage, response: ServerResponse): Promise<boolean> => {
    if (!request.url?.startsWith('/interaction/')) return false
    try {
      // fails unless the browser holds the cookie of this very sign-in
      await provider.interactionDetails(request, response)
      await (request.method === 'POST' ? signIn(request, response) : page(response, 200, request.url, ''))
    } catch {
      page(response, 400, undefined, 'This sign-in has expired: start again. 登入已過期，請重新開始。')
    }
    return true
  }
}

/** Compares digests, so that the time taken says nothing about the password. */
const same = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b))
const digest = (value: string) => createHash('sha256').update(value).digest()

const escape = (value: string): string => value.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)

function page(response: ServerResponse, status: number, action: string | undefined, message: string): void {
  const form =
    action === undefined
      ? ''
      : `<form method="post" action="${escape(action)}">
<label>Name 帳號 <input name="username" autocomplete="username" required autofocus></label>
<label>Password 密碼 <input name="password" type="password" autocomplete="current-password" required></label>
<button>Sign in 登入</button></form>`
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  })
  response.end(`<!doctype html><html lang="en"><meta charset="utf-8"><title>SRE Platform: sign in</title>
<style>body{font:16px/1.5 system-ui;max-width:22rem;margin:15vh auto}label,input,button{display:block;width:100%;margin:.5rem 0}</style>
<h1>SRE Platform</h1><p role="alert">${escape(message)}</p>${form}</html>`)
}
