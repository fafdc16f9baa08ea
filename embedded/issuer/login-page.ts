/**
 * The one page of the issuer. It says who will act in the person's name, and at which port of this machine that is: any program here may
 * listen on one and ask. Name and password are typed for each of them; no sign-in is remembered, so there is none that another could use.
 */
import { timingSafeEqual, createHash, randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout } from 'node:timers/promises'
import type { Provider } from 'oidc-provider'
import { loginPage, type Asked } from './login-html.ts'
import { hangUpOn, readForm } from './sign-in-form.ts'
import { createThrottle } from './throttle.ts'
import type { Person } from './state.ts'

const says = {
  tooLong: 'Too long. 內容過長。',
  tooMany: 'Too many attempts at the same time: try again. 同時嘗試的次數過多，請再試一次。',
  wrong: 'Unknown name or wrong password. 帳號或密碼錯誤。',
  expired: 'This sign-in has expired: start again. 登入已過期，請重新開始。',
}
/** what the password of nobody is compared with */
const nobodys = randomBytes(24).toString('base64url')

export interface LoginPageOptions {
  provider: Provider
  people: ReadonlyMap<string, Person>
  now(): number
  wait?(ms: number): Promise<unknown>
}

/** Answers `/interaction/<uid>`; returns false for every other path. */
export function createLoginPage({ provider, people, now, wait = setTimeout }: LoginPageOptions) {
  const throttle = createThrottle(now)

  async function submitted(request: IncomingMessage, response: ServerResponse, asked: Asked): Promise<void> {
    const form = await readForm(request)
    if (form === null) {
      hangUpOn(request)
      return answer(response, 413, loginPage(says.tooLong, null))
    }
    if (form.get('decision') === 'deny') return finish(request, response, denied)
    const attempt = throttle.enter(request.socket.remoteAddress ?? '')
    if (attempt === null)
      return answer(response.setHeader('retry-after', '2'), 429, loginPage(says.tooMany, asked), asked)
    await wait(attempt.waitMs)
    const person = people.get(form.get('username') ?? '')
    const right = same(person?.password ?? nobodys, form.get('password') ?? '') && person !== undefined
    attempt.done(right)
    if (!right) return answer(response, 401, loginPage(says.wrong, asked), asked)
    await finish(request, response, { login: { accountId: person.username }, consent: {} })
  }

  const finish = (...[request, response, result]: Parameters<Provider['interactionFinished']>) =>
    provider.interactionFinished(request, response, result)

  return async (request: IncomingMessage, response: ServerResponse): Promise<boolean> => {
    if (!request.url?.startsWith('/interaction/')) return false
    try {
      // fails unless the browser holds the cookie of this very sign-in
      const { params } = await provider.interactionDetails(request, response)
      const asked = {
        action: request.url,
        client: String(params['client_id']),
        redirect: String(params['redirect_uri']),
        scopes: String(params['scope'] ?? '').split(' '),
      }
      await (request.method === 'POST'
        ? submitted(request, response, asked)
        : Promise.resolve(answer(response, 200, loginPage('', asked), asked)))
    } catch {
      if (!response.headersSent) answer(response, 400, loginPage(says.expired, null))
    }
    return true
  }
}

const denied = { error: 'access_denied', error_description: 'the person said no' }

/** Compares digests, so that the time taken says nothing about the password, nor about whether there is one. */
const same = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b))
const digest = (value: string) => createHash('sha256').update(value).digest()

function answer(response: ServerResponse, status: number, page: string, asked?: Asked): void {
  const goesTo = asked === undefined ? '' : ` ${new URL(asked.redirect).origin}`
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': `default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'${goesTo}`,
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  })
  response.end(page)
}
