/**
 * The issuer's only page. It names the client and its local port, because any program on this machine may request a sign-in. Every sign-in needs name
 * and password: there is no session another client could reuse.
 */
import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout } from 'node:timers/promises'
import type { Provider } from 'oidc-provider'
import { languageOf } from '../../gateway/present/language.ts'
import { isSameSecret } from '../../schemas/same-secret.ts'
import { loginPage, type Asked } from './login-html.ts'
import { loginTexts } from './login-texts.ts'
import { hangUpOn, readForm } from './sign-in-form.ts'
import { createThrottle } from './throttle.ts'
import type { Person } from './state.ts'

/** compared with when the name is unknown, so that both cases take the same time */
const nobodys = randomBytes(24).toString('base64url')

export interface LoginPageOptions {
  provider: Provider
  people: ReadonlyMap<string, Person>
  now(): number
  wait?(ms: number): Promise<unknown>
}

/** Handles `/interaction/<uid>`; returns false for every other path. */
export function createLoginPage({ provider, people, now, wait = setTimeout }: LoginPageOptions) {
  const throttle = createThrottle(now)

  async function submitted(request: IncomingMessage, response: ServerResponse, asked: Asked): Promise<void> {
    const form = await readForm(request)
    if (form === null) {
      hangUpOn(request)
      return answer(response, 413, loginPage(loginTexts.tooLong, null, speaks(request)))
    }
    if (form.get('decision') === 'deny') return finish(request, response, denied)
    const attempt = throttle.enter(request.socket.remoteAddress ?? '')
    if (attempt === null)
      return answer(
        response.setHeader('retry-after', '2'),
        429,
        loginPage(loginTexts.tooMany, asked, speaks(request)),
        asked,
      )
    await wait(attempt.waitMs)
    const person = people.get(form.get('username') ?? '')
    // reveals neither the password nor, by its time, whether the name exists
    const right = isSameSecret(person?.password ?? nobodys, form.get('password') ?? '') && person !== undefined
    attempt.done(right)
    if (!right) return answer(response, 401, loginPage(loginTexts.wrong, asked, speaks(request)), asked)
    await finish(request, response, { login: { accountId: person.username }, consent: {} })
  }

  const finish = (...[request, response, result]: Parameters<Provider['interactionFinished']>) =>
    provider.interactionFinished(request, response, result)

  return async (request: IncomingMessage, response: ServerResponse): Promise<boolean> => {
    if (!request.url?.startsWith('/interaction/')) return false
    try {
      // fails unless the browser has the cookie of this sign-in
      const { params } = await provider.interactionDetails(request, response)
      const asked = {
        action: request.url,
        client: String(params['client_id']),
        redirect: String(params['redirect_uri']),
        scopes: String(params['scope'] ?? '').split(' '),
      }
      await (request.method === 'POST'
        ? submitted(request, response, asked)
        : Promise.resolve(answer(response, 200, loginPage(null, asked, speaks(request)), asked)))
    } catch {
      if (!response.headersSent) answer(response, 400, loginPage(loginTexts.expired, null, speaks(request)))
    }
    return true
  }
}

const speaks = ({ headers }: IncomingMessage) => languageOf(headers['accept-language'])

const denied = { error: 'access_denied', error_description: 'the person declined' }

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
