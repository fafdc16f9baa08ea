import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { writeEndpoints } from '../../cli/login/endpoints.ts'
import { browse, emptyTerminal, startPerson } from './person.ts'
import type { Person } from './person.ts'

let person: Person
beforeAll(async () => {
  person = await startPerson()
})
afterAll(() => person.platform.close())
beforeEach(() => person.sitDown())

const sre: Person['sre'] = (...line) => person.sre(...line)
const login = (username: string) => person.login(username)

describe('signing in', () => {
  test('prints the user, and stores the tokens in a private file', async () => {
    expect((await login('alice')).out).toEqual(['signed in as alice (team_manager)'])
    expect(statSync(join(person.dataDir, 'tokens.json')).mode & 0o777).toBe(0o600)
  })
  test('with a browser redirects to a local port', async () => {
    const terminal = emptyTerminal()
    const done = sre('login', {}, terminal)
    await expect.poll(() => terminal.notes.join('\n')).toMatch(/http:\/\/127/)
    const url = /http:\S+/.exec(terminal.notes.join('\n'))?.[0] ?? ''
    expect(await browse(url, 'bob', person.passwordOf('bob'))).toContain('Signed in')
    expect((await done).out).toEqual(['signed in as bob (team_member)'])
    expect((await sre('sessions --json')).out).toHaveLength(1)
  })
  test('reports a wrong password', async () => {
    const wrong = sre('login --username alice --password-stdin', { readStdin: async () => 'guess' })
    await expect(wrong).rejects.toThrow('wrong password')
  })
  test('requires user name and password together', async () => {
    await expect(sre('login --username alice')).rejects.toThrow('--password-stdin')
  })
  test('by device code is refused by an identity provider without it, and together with a name', async () => {
    await expect(sre('login --device')).rejects.toThrow('does not support sign-in by device code')
    await expect(sre('login --device --username alice --password-stdin')).rejects.toThrow('--device cannot be used')
  })
  test('is required by every command, with a clear message', async () => {
    for (const line of ['sessions', 'approvals', 'diagnose --service cart', `show ${uuid()}`])
      await expect(sre(line)).rejects.toThrow('npx sre login')
  })
  test('ends with logout', async () => {
    await login('alice')
    await sre('logout')
    await expect(sre('sessions')).rejects.toThrow('npx sre login')
  })
  test('is revoked at the issuer by logout, so that copied tokens are invalid', async () => {
    await login('alice')
    const file = join(person.dataDir, 'tokens.json')
    const copy = JSON.parse(readFileSync(file, 'utf8'))
    expect((await sre('logout')).notes).toEqual(['signed out'])
    for (const issuer of Object.keys(copy)) copy[issuer].expiresAt = 0
    writeFileSync(file, JSON.stringify(copy))
    await expect(sre('sessions')).rejects.toThrow('expired')
  })
  test('ends locally with logout even if the issuer is unreachable, which is reported', async () => {
    const tokens = { accessToken: 'x', refreshToken: 'y', expiresAt: 0 }
    writeFileSync(join(person.dataDir, 'tokens.json'), JSON.stringify({ 'http://127.0.0.1:9': tokens }))
    const { notes } = await sre('logout')
    expect(notes.join('\n')).toMatch(/http:\/\/127.0.0.1:9 could not be revoked.*\nsigned out/)
    await expect(sre('sessions')).rejects.toThrow('npx sre login')
  })
  test('is refreshed shortly before it expires', async () => {
    await login('alice')
    const file = join(person.dataDir, 'tokens.json')
    const kept = JSON.parse(readFileSync(file, 'utf8'))
    for (const issuer of Object.keys(kept)) kept[issuer].expiresAt = Date.now() + 10_000
    writeFileSync(file, JSON.stringify(kept))
    // several at once, as the calls of an assistant over `sre mcp`
    await Promise.all([1, 2, 3].map(() => sre('sessions')))
    expect(JSON.parse(readFileSync(file, 'utf8'))[person.platform.issuer.url].expiresAt).toBeGreaterThan(
      Date.now() + 200_000,
    )
  })
})

describe('a sign-in that ended', () => {
  const keep = (over: object) => {
    const tokens = { accessToken: 'x', refreshToken: null, expiresAt: 0, ...over }
    writeFileSync(join(person.dataDir, 'tokens.json'), JSON.stringify({ [person.platform.issuer.url]: tokens }))
  }
  test.each([{}, { refreshToken: 'made up' }])('must be repeated: %o', async (over) => {
    keep(over)
    await expect(sre('sessions')).rejects.toThrow('run `npx sre login` again')
  })
  test('cannot be refreshed while the issuer is unreachable', async () => {
    writeEndpoints(person.dataDir, { gateway: person.gateway, issuer: 'http://127.0.0.1:9' })
    const tokens = { accessToken: 'x', refreshToken: 'y', expiresAt: 0 }
    writeFileSync(join(person.dataDir, 'tokens.json'), JSON.stringify({ 'http://127.0.0.1:9': tokens }))
    await expect(sre('sessions')).rejects.toThrow('the identity provider http://127.0.0.1:9 cannot be reached')
  })
})

test('without a platform the first message says what to do', async () => {
  rmSync(join(person.dataDir, 'endpoints.json'))
  await expect(sre('sessions')).rejects.toThrow('npm start')
  await expect(sre('login')).rejects.toThrow('OIDC_ISSUER')
  await expect(sre('sessions --gateway gateway:8080')).rejects.toThrow('--gateway must be an http(s) URL')
  await expect(sre(`sessions --gateway ${person.gateway}`)).rejects.toThrow(/or set OIDC_ISSUER$/)
  const { out } = await sre('login --username alice --password-stdin --json', {
    environment: { OIDC_ISSUER: person.platform.issuer.url },
    readStdin: async () => person.passwordOf('alice'),
  })
  expect(JSON.parse(out[0] ?? '')).toMatchObject({ subject: 'alice', roles: ['team_manager'] })
})
