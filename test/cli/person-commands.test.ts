import { mkdtempSync, rmSync, statSync, writeFileSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { ClientContext } from '../../cli/login/context.ts'
import { writeEndpoints } from '../../cli/login/endpoints.ts'
import { addApprovals } from '../../cli/approvals/approvals-command.ts'
import { addDiagnose } from '../../cli/diagnose/diagnose-command.ts'
import { addLogin } from '../../cli/login/login-command.ts'
import { addSessions } from '../../cli/sessions/sessions-command.ts'
import { CookieJar } from 'tough-cookie'
import { approvalRequested, closedLoop, completed, evidence, progressed, requested } from '../gateway/records.ts'
import { startPlatform } from '../gateway/platform.ts'
import type { Platform } from '../gateway/platform.ts'

let platform: Platform
let gateway: string
let dataDir: string
beforeAll(async () => {
  platform = await startPlatform({ limits: { read: 1000, write: 1000, diagnose: 1000 } })
  gateway = await platform.app.listen({ host: '127.0.0.1', port: 0 })
})
afterAll(() => platform.close())
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'sre-'))
  writeEndpoints(dataDir, { gateway, issuer: platform.issuer.url })
  return () => rmSync(dataDir, { recursive: true })
})

interface Terminal {
  out: string[]
  notes: string[]
}

/** Runs one command line as the entry point would; what it throws is what the entry point prints. */
async function sre(
  line: string,
  over: Partial<ClientContext> = {},
  terminal: Terminal = { out: [], notes: [] },
): Promise<Terminal> {
  const context: ClientContext = {
    environment: {},
    dataDir,
    print: (text) => void terminal.out.push(text),
    note: (text) => void terminal.notes.push(text),
    readStdin: async () => '',
    now: Date.now,
    ...over,
  }
  const program = new Command('sre').exitOverride()
  for (const add of [addLogin, addDiagnose, addSessions, addApprovals]) add(program, context)
  const write = { writeOut: (text: string) => void terminal.out.push(text), writeErr: () => undefined }
  for (const command of [program, ...program.commands]) command.exitOverride().configureOutput(write)
  await program.parseAsync(line.match(/"[^"]*"|\S+/g)?.map((part) => part.replaceAll('"', '')) ?? [], { from: 'user' })
  return terminal
}

const passwordOf = (username: string) =>
  platform.issuer.people.find((person) => person.username === username)?.password ?? ''
const login = (username: string) =>
  sre(`login --username ${username} --password-stdin`, { readStdin: async () => `${passwordOf(username)}\n` })

describe('signing in', () => {
  test('says who one is, and keeps the tokens in a file only they can read', async () => {
    expect((await login('alice')).out).toEqual(['signed in as alice (team_manager)'])
    expect(statSync(join(dataDir, 'tokens.json')).mode & 0o777).toBe(0o600)
  })
  test('with a browser walks back to a port of this machine', async () => {
    const terminal: Terminal = { out: [], notes: [] }
    const done = sre('login', {}, terminal)
    await expect.poll(() => terminal.notes.join()).toMatch(/http:\/\/127/)
    const url = /http:\S+/.exec(terminal.notes.join())?.[0] ?? ''
    expect(await browse(url, 'bob')).toContain('Signed in')
    expect((await done).out).toEqual(['signed in as bob (team_member)'])
  })
  test('with a wrong password says so', async () => {
    const wrong = sre('login --username alice --password-stdin', { readStdin: async () => 'guess' })
    await expect(wrong).rejects.toThrow('wrong password')
  })
  test('needs name and password together', async () => {
    await expect(sre('login --username alice')).rejects.toThrow('--password-stdin')
  })
  test('is asked for by every command, in words', async () => {
    for (const line of ['sessions', 'approvals', 'diagnose --service cart', `show ${uuid()}`])
      await expect(sre(line)).rejects.toThrow('npx sre login')
  })
  test('ends with logout', async () => {
    await login('alice')
    await sre('logout')
    await expect(sre('sessions')).rejects.toThrow('npx sre login')
  })
  test('is refreshed when it has nearly ended', async () => {
    await login('alice')
    const file = join(dataDir, 'tokens.json')
    const kept = JSON.parse(readFileSync(file, 'utf8'))
    for (const issuer of Object.keys(kept)) kept[issuer].expiresAt = Date.now() + 10_000
    writeFileSync(file, JSON.stringify(kept))
    await sre('sessions')
    expect(JSON.parse(readFileSync(file, 'utf8'))[platform.issuer.url].expiresAt).toBeGreaterThan(Date.now() + 200_000)
  })
})

describe('asking', () => {
  beforeEach(async () => void (await login('alice')))

  test('prints the session, which can be shown and listed', async () => {
    const { out } = await sre('diagnose --service cart --since 30m')
    const id = out[0] ?? ''
    expect((await sre(`show ${id}`)).out[0]).toContain(`${id}  processing  0 %  cart`)
    expect((await sre('sessions --service cart')).out.join('\n')).toContain(id)
    const asked = (await platform.published('DiagnosisRequested')).find(({ value }) => value.session_id === id)?.value
    expect((asked?.window_end ?? 0) - (asked?.window_start ?? 0)).toBe(1_800_000)
  })
  test('about a deployment, as JSON', async () => {
    const { out } = await sre('diagnose --service cart --deployment d-1 --json')
    expect(JSON.parse(out[0] ?? '')).toMatchObject({ status: 'accepted' })
  })
  test.each([
    ['diagnose', 'say what to look at'],
    ['diagnose --deployment d-1', '--service'],
    ['diagnose --service cart --since soon', '90s, 30m, 2h or 1d'],
    ['diagnose --service cart --severity P9', 'Allowed choices'],
    [`show ${uuid()}`, 'no such session'],
    ['show seven', 'not as described'],
    ['sessions --page 0', 'a number from 1'],
  ])('%s says what is wrong', async (line, message) => {
    await expect(sre(line)).rejects.toThrow(message)
  })
  test('while watching tells what happens until it is over', async () => {
    const session = uuid()
    await platform.tell(requested(session))
    const terminal: Terminal = { out: [], notes: [] }
    const watching = sre(`show ${session} --watch`, {}, terminal)
    await platform.tell(progressed(session, 40), evidence(session, { status: 'failed', error: 'loki: 502' }))
    await platform.tell(completed(session))
    await watching
    const text = terminal.out.join('\n')
    expect(text).toContain(' 40 %  40 percent')
    expect(text).toContain('prometheus golden-signals: failed, loki: 502')
    expect(text).toContain('1. cart errors c-1: deployed just before [evidence e-1]')
  })
  test('while watching a session that fails ends with its reason', async () => {
    const session = uuid()
    await platform.tell(requested(session), completed(session, { status: 'failed', reason: 'no source answered' }))
    await expect(sre(`show ${session} --watch --json`)).rejects.toThrow('no source answered')
  })
  test('answers in the language that is asked for', async () => {
    const session = uuid()
    await platform.tell(...closedLoop(session, uuid()))
    const { out } = await sre(`show ${session} --language zh-TW`)
    expect(out.join('\n')).toContain('cart 的版本有問題')
    expect(out.join('\n')).toContain('根本原因')
  })
  test('can be taken back', async () => {
    const { out } = await sre('diagnose --service cart')
    expect((await sre(`cancel ${out[0]}`)).out).toEqual(['it will stop at its next step'])
  })
  test('of a gateway that is away says where it was looked for', async () => {
    await expect(sre('sessions --gateway http://127.0.0.1:9')).rejects.toThrow('http://127.0.0.1:9 cannot be reached')
  })
})

describe('deciding', () => {
  let approval: string
  beforeEach(async () => {
    approval = uuid()
    const session = uuid()
    await platform.tell(requested(session), approvalRequested(session, approval))
  })

  test('approves exactly the action that was shown, as the person who signed in', async () => {
    await login('alice')
    expect((await sre('approvals')).out.join('\n')).toContain(`${approval}  pending  Roll back cart (medium`)
    const { out, notes } = await sre(`approve ${approval} --reason "looks right"`)
    expect(notes.join('\n')).toContain('rollback cart {"to":"v1"}')
    expect(out.join()).toContain('approved')
    const { out: json } = await sre('approvals --status decided --json')
    expect(JSON.parse(json[0] ?? '').items[0]).toMatchObject({
      approval_id: approval,
      decision: { decided_by: `${platform.issuer.url}|alice`, reason: 'looks right' },
    })
  })
  test('rejects', async () => {
    await login('root')
    const { out } = await sre(`reject ${approval} --reason "not now" --json`)
    expect(JSON.parse(out[0] ?? '')).toMatchObject({ decision: { decision: 'rejected' } })
  })
  test('is refused to a person without the role, in words', async () => {
    await login('bob')
    await expect(sre(`approve ${approval} --reason x`)).rejects.toThrow('sre-platform:approve')
  })
  test('needs a reason', async () => {
    await expect(sre(`approve ${approval}`)).rejects.toThrow('--reason')
  })
})

test('every command explains itself', async () => {
  for (const name of ['login', 'logout', 'diagnose', 'sessions', 'show', 'cancel', 'approvals', 'approve', 'reject']) {
    const terminal: Terminal = { out: [], notes: [] }
    await expect(sre(`${name} --help`, {}, terminal)).rejects.toMatchObject({ code: 'commander.helpDisplayed' })
    expect(terminal.out.join('')).toContain(`Usage: sre ${name}`)
  }
})

test('without a platform the first message says what to do', async () => {
  rmSync(join(dataDir, 'endpoints.json'))
  await expect(sre('sessions')).rejects.toThrow('npm start')
  await expect(sre('login')).rejects.toThrow('OIDC_ISSUER')
})

/** What a browser does with the login form: follows redirects, keeps cookies, posts the form. */
async function browse(start: string, username: string): Promise<string> {
  const jar = new CookieJar()
  let url = start
  let form: URLSearchParams | undefined
  for (;;) {
    const headers = { cookie: await jar.getCookieString(url) }
    const response = await fetch(url, { redirect: 'manual', headers, ...(form ? { method: 'POST', body: form } : {}) })
    for (const cookie of response.headers.getSetCookie()) await jar.setCookie(cookie, url)
    const location = response.headers.get('location')
    const text = await response.text()
    const action = /action="([^"]+)"/.exec(text)?.[1]
    if (location === null && action === undefined) return text
    form = location === null ? new URLSearchParams({ username, password: passwordOf(username) }) : undefined
    url = new URL(location ?? action ?? '', url).href
  }
}
