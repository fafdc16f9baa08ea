/** The project's realm in a real Keycloak: tokens the gateway accepts, and how people and agents get them. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { v7 as uuid } from 'uuid'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTokenSource } from '../../agents/runtime/token.ts'
import { signIn } from '../../embedded/issuer/sign-in.ts'
import { actionHash } from '../../schemas/action-hash.ts'
import { approvalRequested, requested, rollback } from '../gateway/records.ts'
import { runHere } from '../cli/run-sre.ts'
import { startPlatform } from '../gateway/platform.ts'
import type { Platform } from '../gateway/platform.ts'
import { startPrivateKeycloak } from '../servers/keycloak.ts'
import { secrets } from '../servers/keycloak.ts'
import type { Keycloak } from '../servers/keycloak.ts'
import { loginOnPage } from './login.ts'

let keycloak: Keycloak
let platform: Platform
let gateway: FastifyInstance
let environment: Record<string, string>
const dataDir = mkdtempSync(join(tmpdir(), 'sre-keycloak-'))

beforeAll(async () => {
  ;[keycloak, platform] = await Promise.all([startPrivateKeycloak(), startPlatform()])
  await keycloak.addPerson('alice', ['super_admin'])
  await keycloak.addPerson('bob', ['team_manager'], 'shop')
  await keycloak.addPerson('carol', ['team_member'])
  await keycloak.addPerson('dave', [])
  gateway = await platform.another({ identity: { issuer: keycloak.issuer } })
  const url = await gateway.listen({ host: '127.0.0.1', port: 0 })
  environment = { OIDC_ISSUER: keycloak.issuer, SRE_GATEWAY_URL: url, DATA_DIR: dataDir }
}, 300_000)
afterAll(async () => {
  await gateway?.close()
  await platform?.close()
  await keycloak?.stop()
  rmSync(dataDir, { recursive: true })
})

const SECRET_OF: Record<string, string> = {
  'control-plane': secrets.CONTROL_PLANE_CLIENT_SECRET,
  'sre-assistant': secrets.ASSISTANT_CLIENT_SECRET,
  'sre-executor': secrets.EXECUTOR_CLIENT_SECRET,
  'sre-postmortem': secrets.POSTMORTEM_CLIENT_SECRET,
}
/** A token as an agent requests it. */
const machineToken = (clientId: string, scope?: string, issuer = keycloak.issuer) =>
  createTokenSource({ issuer, clientId, clientSecret: SECRET_OF[clientId] ?? '', ...(scope ? { scope } : {}) })()
const personToken = async (name: string) =>
  (await signIn({ issuer: keycloak.issuer, username: name, password: `${name}${name}` })).accessToken
const scopesIn = (token: string) => String(decodeJwt(token)['scope']).split(' ').sort()

const ask = (token: string, method: 'GET' | 'POST', path: string, body?: object) =>
  gateway.inject({
    ...{ method, url: `/api/v1${path}`, headers: { authorization: `Bearer ${token}` } },
    ...(body === undefined ? {} : { payload: body }),
  })
const status = async (...request: Parameters<typeof ask>) => (await ask(...request)).statusCode
const diagnose = (token: string) => status(token, 'POST', '/diagnostics/alerts', { alert_ids: ['cart-down'] })

describe('tokens', () => {
  test("a machine's token has the gateway as its audience, and only its own scopes", async () => {
    const token = await machineToken('control-plane')
    expect(decodeJwt(token)).toMatchObject({ aud: 'sre-assistant', azp: 'control-plane' })
    expect(scopesIn(token)).toEqual(['sre-platform:diagnose', 'sre-platform:read'])
    expect([await status(token, 'GET', '/diagnostics/history'), await diagnose(token)]).toEqual([200, 202])
    await expect(machineToken('control-plane', 'sre-platform:approve')).rejects.toThrow('Invalid scopes')
  })

  test("the agents' tokens are for the control-plane, and only the executor's can write", async () => {
    const [assistant, executor] = [await machineToken('sre-assistant'), await machineToken('sre-executor')]
    for (const token of [assistant, executor]) expect(decodeJwt(token)['aud']).toBe('control-plane')
    expect(scopesIn(assistant)).toEqual(['sre-platform:read'])
    expect(scopesIn(executor)).toEqual(['sre-platform:read', 'sre-platform:write'])
    await expect(machineToken('sre-assistant', 'sre-platform:write')).rejects.toThrow('Invalid scopes')
  })

  test("a person's token has the scopes of their roles, and their tenant", async () => {
    const tokens = {
      alice: await personToken('alice'),
      bob: await personToken('bob'),
      carol: await personToken('carol'),
    }
    const granted = Object.values(tokens).map((token) => scopesIn(token).filter((scope) => scope.startsWith('sre-')))
    expect(granted).toEqual([
      ['sre-platform:approve', 'sre-platform:diagnose', 'sre-platform:read', 'sre-platform:write'],
      ['sre-platform:approve', 'sre-platform:diagnose', 'sre-platform:read'],
      ['sre-platform:read'],
    ])
    expect([decodeJwt(tokens.bob)['tenant'], decodeJwt(tokens.carol)['tenant']]).toEqual(['shop', undefined])
    expect(await Promise.all(Object.values(tokens).map((token) => status(token, 'GET', '/diagnostics/history')))).toEqual([200, 200, 200]) // prettier-ignore
    expect([await diagnose(tokens.alice), await diagnose(tokens.carol)]).toEqual([202, 403])
  })

  test('a person cannot choose their own tenant', async () => {
    const token = await personToken('carol')
    const response = await fetch(`${keycloak.issuer}/account/?userProfileMetadata=true`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'carol', attributes: { tenant: ['shop'] } }),
    })
    expect(response.ok).toBe(false)
    expect(decodeJwt(await personToken('carol'))['tenant']).toBeUndefined()
  })

  test('a token without a role, for another audience or from another realm is refused', async () => {
    const nobody = await ask(await personToken('dave'), 'GET', '/diagnostics/history')
    expect(nobody.statusCode).toBe(403)
    expect(nobody.json()).toMatchObject({ message: expect.stringContaining('team_member') })
    const elsewhere = await ask(await machineToken('sre-assistant'), 'GET', '/diagnostics/history')
    expect(elsewhere.statusCode).toBe(401)
    const mapper = { name: 'aud', protocol: 'openid-connect', protocolMapper: 'oidc-audience-mapper' }
    const config = { 'included.custom.audience': 'sre-assistant', 'access.token.claim': 'true' }
    const client = { clientId: 'control-plane', secret: SECRET_OF['control-plane'], serviceAccountsEnabled: true }
    await keycloak.manage('POST', '', {
      ...{ realm: 'other', enabled: true },
      clients: [{ ...client, protocolMappers: [{ ...mapper, config }] }],
    })
    const foreign = await machineToken('control-plane', undefined, `${keycloak.url}/realms/other`)
    expect(decodeJwt(foreign)).toMatchObject({ azp: 'control-plane' })
    expect((await ask(foreign, 'GET', '/diagnostics/history')).statusCode).toBe(401)
  })
})

test('who decides is named, although the id is a UUID', async () => {
  const session = uuid()
  const approval = uuid()
  await platform.tell(requested(session), approvalRequested(session, approval))
  const token = await personToken('alice')
  const body = { decision: 'approved', reason: 'looks right', action_hash: actionHash(rollback) }
  const answer = await ask(token, 'POST', `/approvals/${approval}/decision`, body)
  expect(answer.statusCode, answer.body).toBe(200)
  const id = `${keycloak.issuer}|${decodeJwt(token).sub}`
  expect(answer.json()).toMatchObject({ decision: { decided_by: id }, names: { [id]: 'alice' } })
  const signedIn = await runHere(['login', '--username', 'alice', '--password-stdin'], environment, 'alicealice')
  expect(signedIn, signedIn.err).toMatchObject({ code: 0 })
  const listed = await runHere(['approvals', '--status', 'all'], environment)
  expect(listed.out, listed.err).toContain('alice: looks right')
})

const login = (args: string[], answer: Record<string, string>) => loginOnPage(args, environment, answer)
const person = (name: string) => ({ username: name, password: `${name}${name}` })
describe('sre login', () => {
  test("with the browser shows the person's name, and the gateway accepts the token", async () => {
    const done = await login([], person('bob'))
    expect(done).toMatchObject({ code: 0, out: 'signed in as bob (team_manager)\n' })
    expect((await runHere(['sessions', '--json'], environment)).code).toBe(0)
  })

  test('by device code continues after the person signed in elsewhere', async () => {
    await runHere(['logout'], environment)
    const done = await login(['--device'], person('carol'))
    expect(done).toMatchObject({ code: 0, out: 'signed in as carol (team_member)\n' })
    expect(done.said).toMatch(/open this URL on any device[^]*\n {2}[A-Z]{4}-[A-Z]{4}\n/)
    expect((await runHere(['sessions', '--json'], environment)).code).toBe(0)
  })

  test('continues without a scope the client may not have, and without offline access if the person may not have it', async () => {
    const byForm = (name: string, ...more: string[]) =>
      runHere(['login', '--username', name, '--password-stdin', ...more], environment, `${name}${name}`)
    const defaultRole = { name: 'default-roles-sre-platform' }
    const [offline] = [await keycloak.manage('GET', '/sre-platform/roles/offline_access')]
    await keycloak.manage('DELETE', `/sre-platform/roles/${defaultRole.name}/composites`, [offline])
    const person = await byForm('carol')
    expect(person).toMatchObject({ code: 0, out: 'signed in as carol (team_member)\n' })
    expect(person.err).toBe('the identity provider refused offline_access (not_allowed): signing in without them\n')
    await keycloak.manage('POST', `/sre-platform/roles/${defaultRole.name}/composites`, [offline])

    const [console] = (await keycloak.manage('GET', '/sre-platform/clients?clientId=console')) as { id: string }[]
    const scopes = (await keycloak.manage('GET', '/sre-platform/client-scopes')) as { id: string; name: string }[]
    const left = scopes.filter(({ name }) => ['offline_access', 'sre-platform:write'].includes(name))
    for (const { id } of left)
      await keycloak.manage('DELETE', `/sre-platform/clients/${console?.id}/optional-client-scopes/${id}`)
    const client = await byForm('carol')
    expect(client).toMatchObject({ code: 0, out: 'signed in as carol (team_member)\n' })
    expect(client.err).toContain('refused offline_access (invalid_scope): signing in without them\n')
    expect(client.err).toMatch(
      /refused sre-platform:read .*sre-platform:write.* \(invalid_scope\): signing in without them\n/,
    )
    const exact = await byForm('carol', '--scope', 'openid sre-platform:write')
    expect(exact).toMatchObject({ code: 1, err: expect.stringContaining('invalid_scope: Invalid scopes') })
    for (const { id } of left)
      await keycloak.manage('PUT', `/sre-platform/clients/${console?.id}/optional-client-scopes/${id}`)
  })
})

test('a key rotated at run time is accepted, and tokens of the previous key stay valid', async () => {
  const before = await machineToken('control-plane')
  await keycloak.manage('POST', '/sre-platform/components', {
    ...{ name: 'rotated', providerId: 'rsa-generated', providerType: 'org.keycloak.keys.KeyProvider' },
    config: { priority: ['500'] },
  })
  const after = await machineToken('control-plane')
  expect(decodeProtectedHeader(after)['kid']).not.toBe(decodeProtectedHeader(before)['kid'])
  // an unknown key is looked up at most every 30 s
  await expect.poll(() => status(after, 'GET', '/diagnostics/history')).toBe(200)
  expect(await status(before, 'GET', '/diagnostics/history')).toBe(200)
})

test('while Keycloak is down the gateway uses its cached keys, and a sign-in names the cause; then everything recovers', async () => {
  const token = await machineToken('control-plane')
  await keycloak.stop()
  expect(await status(token, 'GET', '/diagnostics/history')).toBe(200)
  const cold = await platform.another({ identity: { issuer: keycloak.issuer } })
  const unknown = await cold.inject({
    url: '/api/v1/diagnostics/history',
    headers: { authorization: `Bearer ${token}` },
  })
  expect(unknown.statusCode).toBe(503)
  const away = await runHere(['login', '--device'], environment)
  expect(away).toMatchObject({
    code: 1,
    err: expect.stringMatching(/^the identity provider http:\S+ cannot be reached: .*ECONNREFUSED/),
  })
  await keycloak.start()
  const again = await cold.inject({ url: '/api/v1/diagnostics/history', headers: { authorization: `Bearer ${token}` } })
  expect(again.statusCode).toBe(200)
  await cold.close()
  expect(await status(await personToken('bob'), 'GET', '/diagnostics/history')).toBe(200)
}, 300_000)
