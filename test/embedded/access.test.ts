import { generateKeyPair, SignJWT, UnsecuredJWT, type CryptoKey } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createAccess, demandScope } from '../../embedded/control-plane/access.ts'
import { type SigningIssuer, startSigningIssuer } from './signing-issuer.ts'

let own: SigningIssuer
let issuer: string
let otherKey: CryptoKey

beforeAll(async () => {
  own = await startSigningIssuer({ aud: 'control-plane', sub: 'sre-executor', azp: 'sre-executor', scope: 'sre-platform:read' }) // prettier-ignore
  issuer = own.url
  otherKey = (await generateKeyPair('RS256')).privateKey
})
afterAll(() => own.close())

const now = () => Math.floor(Date.now() / 1000)
const sign: SigningIssuer['sign'] = (...args) => own.sign(...args)
const clients = { machineClients: ['sre-executor'], personClients: ['console'], agents: ['sre-executor'] }

const access = () => createAccess({ issuerUrl: issuer, audience: 'control-plane', ...clients })
const codeOf = (token: string) =>
  access()
    .bearer(`Bearer ${token}`)
    .then(
      () => 'let in',
      (error: { code: string }) => error.code,
    )

test('a token of the issuer for this audience identifies its caller', async () => {
  const caller = await access().bearer(`Bearer ${await sign({ realm_access: { roles: ['team_manager'] } })}`)
  expect(caller).toMatchObject({
    kind: 'machine',
    identity: `${issuer}|sre-executor`,
    tenant: 'default',
    roles: ['team_manager'],
  })
  expect(() => demandScope(caller, 'sre-platform:write')).toThrow('sre-platform:write')
})

describe('a token is refused', () => {
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
    ['of algorithm none', async () => new UnsecuredJWT(own.claims()).encode()],
    [
      'signed with the public key as a shared secret',
      () =>
        new SignJWT(own.claims())
          .setProtectedHeader({ alg: 'HS256', kid: 'one' })
          .sign(new TextEncoder().encode(JSON.stringify(own.jwk))),
    ],
    ['that is no token', async () => 'x'],
  ])('%s', async (_what, token) => {
    expect(await codeOf(await token())).toBe('AUTHENTICATION_FAILED')
  })
})

test('an unreachable issuer neither accepts nor refuses', async () => {
  const away = createAccess({ issuerUrl: 'http://127.0.0.1:1', audience: 'control-plane', ...clients })
  await expect(away.bearer(`Bearer ${await sign()}`)).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' })
})

test('an issuer with another name is not trusted', async () => {
  const alias = createAccess({ issuerUrl: `${issuer}/`, audience: 'control-plane', ...clients })
  await expect(alias.bearer(`Bearer ${await sign()}`)).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' })
})
