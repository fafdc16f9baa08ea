import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose'
import {
  allowInsecureRequests,
  clientCredentialsGrant,
  discovery,
  None,
  refreshTokenGrant,
  tokenRevocation,
} from 'openid-client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startIssuer } from '../../embedded/issuer.ts'
import type { Issuer } from '../../embedded/issuer.ts'
import { audiences } from '../../embedded/issuer/access.ts'
import { signIn } from '../../embedded/issuer/sign-in.ts'

let dataDir: string
let issuer: Issuer

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'issuer-'))
  issuer = await startIssuer({ dataDir })
})
afterAll(async () => {
  await issuer.close()
  rmSync(dataDir, { recursive: true })
})

const machine = async (clientId: string, scope: string, secret = issuer.clients[clientId]) => {
  const config = await discovery(new URL(issuer.url), clientId, secret, undefined, { execute: [allowInsecureRequests] })
  return (await clientCredentialsGrant(config, { scope })).access_token
}
const passwordOf = (username: string) => issuer.people.find((person) => person.username === username)?.password ?? ''
const person = (username: string, resource?: string) =>
  signIn({ issuer: issuer.url, username, password: passwordOf(username), ...(resource ? { resource } : {}) })

const refresh = async (refreshToken: string | null) => {
  const config = await discovery(new URL(issuer.url), 'console', undefined, None(), {
    execute: [allowInsecureRequests],
  })
  return decodeJwt((await refreshTokenGrant(config, refreshToken ?? '')).access_token)
}

describe('a machine', () => {
  test.each([
    ['control-plane', 'sre-platform:read sre-platform:diagnose', 'sre-assistant'],
    ['sre-assistant', 'sre-platform:read', 'control-plane'],
    ['sre-postmortem', 'sre-platform:read', 'control-plane'],
    ['sre-executor', 'sre-platform:read sre-platform:write', 'control-plane'],
  ])('%s gets a signed token for its audience with its scopes', async (clientId, scope, audience) => {
    const { payload, protectedHeader } = await jwtVerify(
      await machine(clientId, scope),
      createRemoteJWKSet(new URL(`${issuer.url}/jwks`)),
      { issuer: issuer.url, audience },
    )
    expect(protectedHeader.alg).toBe('RS256')
    expect(payload).toMatchObject({ azp: clientId, sub: clientId, tenant: 'default', realm_access: { roles: [] } })
    expect(String(payload.scope).split(' ').sort()).toEqual(scope.split(' ').sort())
    expect(Number(payload.exp) - Number(payload.iat)).toBe(300)
  })
  test('with read access cannot get a token to write', async () => {
    await expect(machine('sre-assistant', 'sre-platform:write')).rejects.toMatchObject({ error: 'invalid_scope' })
  })
  test('with a wrong secret gets nothing', async () => {
    await expect(machine('sre-executor', 'sre-platform:write', 'guess')).rejects.toMatchObject({
      error: 'invalid_client',
    })
  })
})

describe('a person', () => {
  test('gets its roles with their scopes, and no more', async () => {
    const alice = decodeJwt((await person('alice')).accessToken)
    expect(alice).toMatchObject({ sub: 'alice', azp: 'console', aud: 'sre-assistant', tenant: 'default' })
    expect(alice.realm_access).toEqual({ roles: ['team_manager'] })
    expect(String(alice.scope)).toContain('sre-platform:approve')
    expect(String(alice.scope)).not.toContain('sre-platform:write')
    const bob = decodeJwt((await person('bob')).accessToken)
    expect(String(bob.scope)).toContain('sre-platform:read')
    expect(String(bob.scope)).not.toContain('sre-platform:approve')
    expect(String(decodeJwt((await person('root')).accessToken).scope)).toContain('sre-platform:write')
  })
  test('can ask for a token for the control-plane', async () => {
    expect(decodeJwt((await person('alice', audiences['control-plane'])).accessToken).aud).toBe('control-plane')
  })
  test('can refresh', async () => {
    expect(await refresh((await person('alice')).refreshToken)).toMatchObject({ sub: 'alice', aud: 'sre-assistant' })
  })
  test('with a wrong password is reported as such', async () => {
    await expect(signIn({ issuer: issuer.url, username: 'alice', password: 'wrong' })).rejects.toThrow('wrong password')
  })
  test('gets a refusal in the requested language only', async () => {
    const refused = (language: 'en' | 'zh-TW') =>
      signIn({ issuer: issuer.url, username: 'alice', password: 'wrong', language }).catch((error: unknown) => error)
    expect(await refused('en')).toMatchObject({ said: 'Unknown name or wrong password.' })
    expect(await refused('zh-TW')).toMatchObject({ said: '帳號或密碼錯誤。' })
  })
})

test('the issuer keeps its secrets, keys and address over a restart, in files only the owner can read', async () => {
  const before = { url: issuer.url, clients: issuer.clients, people: issuer.people }
  const token = await machine('control-plane', 'sre-platform:read')
  const { refreshToken } = await person('root')
  await issuer.close()
  issuer = await startIssuer({ dataDir })
  expect({ url: issuer.url, clients: issuer.clients, people: issuer.people }).toEqual(before)
  const jwks = new URL(`${issuer.url}/jwks`)
  // connections from before the restart must end first
  await expect
    .poll(() =>
      fetch(jwks).then(
        (answer) => answer.ok,
        () => false,
      ),
    )
    .toBe(true)
  await jwtVerify(token, createRemoteJWKSet(jwks))
  expect(await refresh(refreshToken)).toMatchObject({ sub: 'root' })
  for (const file of ['issuer.json', 'people.json', 'issuer-sessions.json'])
    expect(statSync(join(dataDir, file)).mode & 0o777).toBe(0o600)
})

test('a person can revoke a refresh token, and its grant', async () => {
  const { refreshToken } = await person('root')
  const config = await discovery(new URL(issuer.url), 'console', undefined, None(), {
    execute: [allowInsecureRequests],
  })
  await tokenRevocation(config, refreshToken ?? '')
  await expect(refresh(refreshToken)).rejects.toMatchObject({ error: 'invalid_grant' })
})

test('a refresh token used twice revokes the grant, because one user must have stolen it', async () => {
  const { refreshToken } = await person('root')
  const config = await discovery(new URL(issuer.url), 'console', undefined, None(), {
    execute: [allowInsecureRequests],
  })
  const next = (await refreshTokenGrant(config, refreshToken ?? '')).refresh_token ?? ''
  await expect(refresh(refreshToken)).rejects.toMatchObject({ error: 'invalid_grant' })
  await expect(refresh(next)).rejects.toMatchObject({ error: 'invalid_grant' })
})

test('there is no token for an unknown audience', async () => {
  await expect(person('alice', 'urn:sre-platform:elsewhere')).rejects.toThrow()
})

test("a taken port is an error, because the address is part of people's identity", async () => {
  const dir = mkdtempSync(join(tmpdir(), 'issuer-'))
  await expect(startIssuer({ dataDir: dir, port: Number(new URL(issuer.url).port) })).rejects.toMatchObject({
    code: 'EADDRINUSE',
  })
  rmSync(dir, { recursive: true })
})

test('a sign-in without its cookie fails', async () => {
  const response = await fetch(`${issuer.url}/interaction/made-up`, {
    method: 'POST',
    body: new URLSearchParams({ username: 'alice', password: passwordOf('alice') }),
    redirect: 'manual',
  })
  expect(response.status).toBe(400)
})

test('a client that a later version adds gets a secret, and the others keep theirs', async () => {
  const file = join(dataDir, 'issuer.json')
  const { clients } = issuer
  await issuer.close()
  const { 'sre-postmortem': _later, ...earlier } = clients
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), clients: earlier }))
  issuer = await startIssuer({ dataDir })
  expect(issuer.clients).toEqual({ ...earlier, 'sre-postmortem': expect.stringMatching(/^[\w-]{32}$/) })
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ clients: issuer.clients })
})
