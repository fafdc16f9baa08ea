/** Sign-in with the browser: authorization code with PKCE, with a redirect to a temporary local port. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Configuration, TokenEndpointResponse } from 'openid-client'
import { languageOf } from '../../gateway/present/language.ts'
import { beginSignIn } from '../../embedded/issuer/pkce.ts'
import { login } from '../texts.ts'
import { CommandError } from './context.ts'

export interface BrowserSignIn {
  config: Configuration
  scope: string
  /** shows the URL to open, and the local host and port it redirects to */
  show(url: string, here: string): void
  timeoutMs: number
}

export async function signInWithBrowser({
  config,
  scope,
  show,
  timeoutMs,
}: BrowserSignIn): Promise<TokenEndpointResponse> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    const redirectUri = `http://127.0.0.1:${(server.address() as AddressInfo).port}/callback`
    const returned = callback(server, redirectUri, timeoutMs)
    const attempt = await beginSignIn(config, { redirectUri, scope })
    show(attempt.url.href, new URL(redirectUri).host)
    return await attempt.complete(await returned)
  } finally {
    server.close()
    server.closeAllConnections()
  }
}

async function callback(server: ReturnType<typeof createServer>, redirectUri: string, timeoutMs: number): Promise<URL> {
  const { promise, resolve, reject } = Promise.withResolvers<URL>()
  const timer = setTimeout(() => reject(new CommandError(login.nobodyCame)), timeoutMs)
  server.on('request', (request, response) => {
    const url = new URL(request.url ?? '/', redirectUri)
    const expected = url.pathname === '/callback'
    response.writeHead(expected ? 200 : 404, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' })
    response.end(expected ? `${login.returned[languageOf(request.headers['accept-language'])]}\n` : 'Not found.\n')
    if (expected) response.once('close', () => resolve(url))
  })
  return promise.finally(() => clearTimeout(timer))
}
