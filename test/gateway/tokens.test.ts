import { createServer } from 'node:http'
import type { Server } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { exportJWK, exportSPKI, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose'
import type { CryptoKey, JWTPayload } from 'jose'
import { createSecretKey } from 'node:crypto'
import { v7 as uuid } from 'uuid'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { FastifyInstance } from 'fastify'
import { freePort } from '../servers/free-port.ts'
import { inject, startPlatform } from './platform.ts'
import type { Platform } from './platform.ts'

/** An issuer whose tokens the test makes itself, so that invalid ones are possible. */
interface FakeIssuer {
  url: string
  server: Server
  key: CryptoKey
  publicKey: CryptoKey
  fetches: number
}

let platform: Platform
let issuer: FakeIssuer
let app: FastifyInstance

beforeAll(async () => {
  platform = await startPlatform()
})
afterAll(() => platform.close())
beforeEach(async () => {
  issuer = await startFakeIssuer()
  app = await platform.another({ identity: { issuer: issuer.url } })
})
afterEach(async () => {
  await app.close()
  await stop(issuer.server)
})

async function startFakeIssuer(): Promise<FakeIssuer> {
  const { privateKey, publicKey } = await generateKeyPair('RS256')
  const jwk = { ...(await exportJWK(publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' }
  const server = createServer((request, response) => {
    issuer.fetches++
    response.setHeader('content-type', 'application/json').setHeader('connection', 'close')
    if (request.url === '/jwks') response.end(JSON.stringify({ keys: [jwk] }))
    else response.end(JSON.stringify({ issuer: issuer.url, jwks_uri: `${issuer.url}/jwks` }))
  })
  // a port nobody else gets while the issuer is down
  server.listen(await freePort(), '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, server, key: privateKey, publicKey, fetches: 0 }
}

async function stop(server: Server): Promise<void> {
  if (!server.listening) return
  server.close()
  server.closeAllConnections()
  await once(server, 'close')
}

const seconds = () => Math.floor(Date.now() / 1000)
const good = (): JWTPayload => ({
  iss: issuer.url,
  aud: 'sre-assistant',
  sub: 'alice',
  azp: 'console',
  scope: 'openid sre-platform:read sre-platform:approve',
  realm_access: { roles: ['team_manager'] },
  iat: seconds(),
  exp: seconds() + 300,
})
const sign = (claims: JWTPayload, { key = issuer.key, kid = 'k1', alg = 'RS256' } = {}) =>
  new SignJWT(claims).setProtectedHeader({ alg, kid }).sign(key)
const read = (token: string, on = app) =>
  inject(on, { method: 'GET', url: '/api/v1/approvals', headers: { authorization: `Bearer ${token}` } })
const without = (claims: JWTPayload, name: string): JWTPayload => {
  const { [name]: _left, ...rest } = claims
  return rest
}

test('a valid token is accepted, so each refusal below has its own reason', async () => {
  expect((await read(await sign(good()))).status).toBe(200)
})

describe('a token is refused', () => {
  test.each<[string, () => Promise<string>]>([
    ['with alg none', async () => new UnsecuredJWT(good()).encode()],
    [
      'with HS256 and the public key as the secret',
      async () => {
        const secret = createSecretKey(Buffer.from(await exportSPKI(issuer.publicKey)))
        return new SignJWT(good()).setProtectedHeader({ alg: 'HS256', kid: 'k1' }).sign(secret)
      },
    ],
    ['of another issuer', async () => sign({ ...good(), iss: 'http://elsewhere' })],
    ['for another audience', async () => sign({ ...good(), aud: 'control-plane' })],
    ['without an audience', async () => sign(without(good(), 'aud'))],
    ['of a client that may not call', async () => sign({ ...good(), azp: 'sre-assistant' })],
    ['without a client', async () => sign(without(good(), 'azp'))],
    ['that has expired', async () => sign({ ...good(), iat: seconds() - 600, exp: seconds() - 300 })],
    ['that never expires', async () => sign(without(good(), 'exp'))],
    ['that is not valid yet', async () => sign({ ...good(), nbf: seconds() + 60 })],
    ['without a subject', async () => sign(without(good(), 'sub'))],
    ['with an unknown kid', async () => sign(good(), { kid: 'k2' })],
    [
      'signed by another key under a known kid',
      async () => sign(good(), { key: (await generateKeyPair('RS256')).privateKey }),
    ],
    [
      'with an algorithm of the key that is not allowed',
      async () => sign(good(), { key: (await generateKeyPair('PS256')).privateKey, alg: 'PS256' }),
    ],
    ['with its signature stripped', async () => (await sign(good())).replace(/[^.]*$/, '')],
    ['with altered claims', async () => altered(await sign(good()))],
    ['with malformed roles', async () => sign({ ...good(), realm_access: 'super_admin' })],
    ['that is no token', async () => 'abc'],
  ])('%s', async (_what, make) => {
    const answer = await read(await make())
    expect(answer).toMatchObject({ status: 401, body: { error: 'AUTHENTICATION_FAILED' } })
    expect(answer.headers['www-authenticate']).toContain('error="invalid_token"')
  })
  test('if it is missing, and the challenge says what is required', async () => {
    const answer = await inject(app, { method: 'GET', url: '/api/v1/approvals' })
    expect(answer).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Bearer realm="sre-platform"' } })
  })
  test('before the rest of the request is checked', async () => {
    const answer = await inject(app, {
      method: 'POST',
      url: '/api/v1/diagnostics/deployment',
      payload: { wrong: true },
    })
    expect(answer.status).toBe(401)
  })
  test('that expired within the clock tolerance is still accepted', async () => {
    const at = seconds()
    const still = await platform.another({ identity: { issuer: issuer.url }, now: () => at * 1000 })
    expect((await read(await sign({ ...good(), exp: at - 4 }), still)).status).toBe(200)
    expect((await read(await sign({ ...good(), exp: at - 5 }), still)).status).toBe(401)
    await still.close()
  })
})

const altered = (token: string): string => {
  const [head, , signature] = token.split('.')
  const claims = { ...good(), realm_access: { roles: ['super_admin'] } }
  return `${head}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.${signature}`
}

describe('what a token may do', () => {
  const diagnose = async (claims: JWTPayload) =>
    inject(app, {
      method: 'POST',
      url: '/api/v1/diagnostics/alerts',
      payload: { alert_ids: ['a'] },
      headers: { authorization: `Bearer ${await sign(claims)}` },
    })
  const machine = () => ({ ...good(), sub: 'sa-1', azp: 'control-plane', realm_access: { roles: [] } })

  test('is limited by its scopes', async () => {
    expect(await diagnose({ ...machine(), scope: 'sre-platform:read' })).toMatchObject({
      status: 403,
      body: { error: 'INSUFFICIENT_PERMISSIONS' },
    })
    expect((await diagnose({ ...machine(), scope: 'sre-platform:diagnose' })).status).toBe(202)
  })
  test("is limited by a person's roles, whatever its scopes", async () => {
    const scope = 'sre-platform:diagnose'
    expect((await diagnose({ ...good(), scope, realm_access: { roles: ['team_member'] } })).status).toBe(403)
    expect((await diagnose({ ...good(), scope })).status).toBe(202)
    expect((await read(await sign({ ...good(), realm_access: { roles: [] } }))).status).toBe(403)
  })
  test('never includes a decision for a service account, even one with a role', async () => {
    for (const claims of [
      { ...machine(), scope: 'sre-platform:approve', realm_access: { roles: ['super_admin'] } },
      { ...good(), sub: 'console', realm_access: { roles: ['super_admin'] } },
    ]) {
      const answer = await inject(app, {
        method: 'POST',
        url: `/api/v1/approvals/${uuid()}/decision`,
        payload: { decision: 'approved', reason: 'yes', action_hash: 'f'.repeat(64) },
        headers: { authorization: `Bearer ${await sign(claims)}` },
      })
      expect(answer).toMatchObject({ status: 403, body: { message: expect.stringContaining('only a person') } })
    }
  })
})

describe('an unreachable issuer', () => {
  test('leads to 503 while no key is known, and recovers', async () => {
    const token = await sign(good())
    await stop(issuer.server)
    const answer = await read(token)
    expect(answer).toMatchObject({ status: 503, body: { error: 'SERVICE_UNAVAILABLE' } })
    expect(answer.headers['retry-after']).toBeDefined()
    issuer.server.listen(Number(new URL(issuer.url).port), '127.0.0.1')
    await once(issuer.server, 'listening')
    expect((await read(token)).status).toBe(200)
  })
  test('changes nothing while its keys are cached', async () => {
    const token = await sign(good())
    expect((await read(token)).status).toBe(200)
    await stop(issuer.server)
    expect((await read(token)).status).toBe(200)
  })
  test('that names another issuer than configured is not trusted', async () => {
    const token = await sign(good())
    const other = await platform.another({ identity: { issuer: `${issuer.url}/` } })
    expect((await read(token, other)).status).toBe(503)
    await other.close()
  })
  test('is not queried again for every unknown key', async () => {
    await read(await sign(good()))
    const before = issuer.fetches
    for (let index = 0; index < 5; index++) await read(await sign(good(), { kid: `unknown-${index}` }))
    expect(issuer.fetches).toBe(before)
  })
})

describe('too many requests', () => {
  test('of one caller are limited per minute, without affecting others', async () => {
    const limited = await platform.another({ identity: { issuer: issuer.url }, limits: { read: 3 } })
    const token = await sign(good())
    const first = await read(token, limited)
    expect(first.headers).toMatchObject({ 'x-ratelimit-limit': '3', 'x-ratelimit-remaining': '2' })
    await Promise.all([read(token, limited), read(token, limited)])
    const refused = await read(token, limited)
    expect(refused).toMatchObject({ status: 429, body: { error: 'RATE_LIMITED' } })
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
    const other = await inject(limited, {
      method: 'GET',
      url: '/api/v1/diagnostics/history',
      headers: { authorization: `Bearer ${token}` },
    })
    expect(other.status, 'all reading counts together').toBe(429)
    expect((await read(await sign({ ...good(), sub: 'bob' }), limited)).status).toBe(200)
    await limited.close()
  })
})
