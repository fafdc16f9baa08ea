import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT, type CryptoKey, type JWK } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createAccess, demandScope } from '../../embedded/control-plane/access.ts'

let server: Server
let issuer: string
let key: CryptoKey
let otherKey: CryptoKey
let jwk: JWK

beforeAll(async () => {
  const pair = await generateKeyPair('RS256')
  key = pair.privateKey
  otherKey = (await generateKeyPair('RS256')).privateKey
  jwk = { ...(await exportJWK(pair.publicKey)), kid: 'one', alg: 'RS256', use: 'sig' }
  server = createServer((request, response) => {
    response.setHeader('content-type', 'application/json')
    const metadata = { issuer, jwks_uri: `${issuer}/jwks` }
    response.end(JSON.stringify(request.url === '/jwks' ? { keys: [jwk] } : metadata))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterAll(() => void server.close())

const now = () => Math.floor(Date.now() / 1000)
const claims = () => ({
  iss: issuer,
  aud: 'control-plane',
  sub: 'sre-executor',
  azp: 'sre-executor',
  scope: 'sre-platform:read',
  exp: now() + 300,
})
const sign = (over: object = {}, { by = key, kid = 'one', alg = 'RS256' } = {}) =>
  new SignJWT({ ...claims(), ...over }).setProtectedHeader({ alg, kid }).sign(by)

const access = () => createAccess({ issuerUrl: issuer, audience: 'control-plane', clients: ['sre-executor'] })
const codeOf = (token: string) =>
  access()
    .bearer(`Bearer ${token}`)
    .then(
      () => 'let in',
      (error: { code: string }) => error.code,
    )

test('a token of the issuer for this audience says who asks', async () => {
  const caller = await access().bearer(`Bearer ${await sign({ realm_access: { roles: ['team_manager'] } })}`)
  expect(caller).toMatchObject({ identity: `${issuer}|sre-executor`, tenant: 'default', roles: ['team_manager'] })
  expect(() => demandScope(caller, 'sre-platform:write')).toThrow('sre-platform:write')
})

describe('a token is not taken', () => {
  test.each([
    ['of another issuer', () => sign({ iss: 'http://127.0.0.1:1' })],
    ['for another audience', () => sign({ aud: 'sre-assistant' })],
    ['of a client that is not known', () => sign({ azp: 'somebody' })],
    ['that names no client', () => sign({ azp: undefined })],
    ['that has expired', () => sign({ exp: now() - 60 })],
    ['that never expires', () => sign({ exp: undefined })],
    ['that is not valid yet', () => sign({ nbf: now() + 60 })],
    ['signed with another key', () => sign({}, { by: otherKey })],
    ['that names an unknown key', () => sign({}, { kid: 'two' })],
    ['without a signature', async () => `${(await sign()).split('.').slice(0, 2).join('.')}.`],
    ['of algorithm none', async () => new UnsecuredJWT(claims()).encode()],
    [
      'signed with the public key as a shared secret',
      () =>
        new SignJWT(claims())
          .setProtectedHeader({ alg: 'HS256', kid: 'one' })
          .sign(new TextEncoder().encode(JSON.stringify(jwk))),
    ],
    ['that is no token', async () => 'x'],
  ])('%s', async (_what, token) => {
    expect(await codeOf(await token())).toBe('AUTHENTICATION_FAILED')
  })
})

test('an issuer that cannot be reached is neither a yes nor a no', async () => {
  const away = createAccess({ issuerUrl: 'http://127.0.0.1:1', audience: 'control-plane', clients: ['sre-executor'] })
  await expect(away.bearer(`Bearer ${await sign()}`)).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' })
})

test('an issuer that calls itself something else is not trusted', async () => {
  const alias = createAccess({ issuerUrl: `${issuer}/`, audience: 'control-plane', clients: ['sre-executor'] })
  await expect(alias.bearer(`Bearer ${await sign()}`)).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' })
})
