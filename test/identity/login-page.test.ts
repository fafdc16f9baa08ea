/** Attacks on the issuer's page: forged requests, guessing, oversized bodies, and listeners on other ports. */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startIssuer, type Issuer } from '../../embedded/issuer.ts'
import { consoleClient } from '../../embedded/issuer/access.ts'
import { beginSignIn, discoverIssuer } from '../../embedded/issuer/pkce.ts'
import { signIn } from '../../embedded/issuer/sign-in.ts'
import { createThrottle } from '../../embedded/issuer/throttle.ts'
import { createBrowser, formOn } from '../embedded/browser.ts'
import { startChromium } from '../servers/chromium.ts'

let dataDir: string
let issuer: Issuer
let waits: number[]

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'issuer-'))
  issuer = await startIssuer({ dataDir, wait: async (ms) => void waits.push(ms) })
})
beforeEach(() => {
  waits = []
})
afterAll(async () => {
  await issuer.close()
  rmSync(dataDir, { recursive: true })
})

const passwordOf = (username: string) => issuer.people.find((person) => person.username === username)?.password ?? ''
const begin = async (redirectUri = 'http://127.0.0.1:4711/callback', scope = 'openid sre-platform:read') =>
  beginSignIn(await discoverIssuer(issuer.url, consoleClient), { redirectUri, scope })

/** A browser at the login form, and a way to post to it. */
async function atTheForm() {
  const browser = createBrowser()
  const page = await browser.go((await begin()).url.href)
  const { action } = formOn(page, 'interaction')
  const cookie = (await browser.cookies(action)).map((one) => one.cookieString()).join('; ')
  const send = (fields: Record<string, string>) =>
    fetch(action, { method: 'POST', redirect: 'manual', headers: { cookie }, body: new URLSearchParams(fields) })
  return { browser, page, action, cookie, send }
}

describe('a sign-in', () => {
  test('names the client, and the local port that will act for the person', async () => {
    const { page } = await atTheForm()
    expect(page.text).toContain('<code>console</code>')
    expect(page.text).toContain('<strong><code>127.0.0.1:4711</code></strong>')
    expect(page.text).toContain('<code>sre-platform:read</code>')
  })
  test('asks again for a client on another port, even right after a sign-in', async () => {
    const { browser, send } = await atTheForm()
    const first = await send({ username: 'alice', password: passwordOf('alice') })
    expect(first.status).toBe(303)
    await browser.go(first.headers.get('location') ?? '').catch(() => null) // nobody listens at 4711
    const other = await browser.go((await begin('http://127.0.0.1:4712/callback')).url.href)
    expect(other.status).toBe(200)
    expect(other.text).toContain('127.0.0.1:4712')
    expect(formOn(other, 'interaction').action).toContain(issuer.url)
  })
  test('without its page gives no code', async () => {
    const { url } = await begin()
    url.searchParams.set('prompt', 'none')
    const { headers } = await fetch(url, { redirect: 'manual' })
    expect(new URL(headers.get('location') ?? '').searchParams.get('error')).toBe('login_required')
  })
  test('can be declined, and the client is told', async () => {
    const { browser, send } = await atTheForm()
    let next = (await send({ decision: 'deny' })).headers.get('location') ?? ''
    const cookie = (await browser.cookies(next)).map((one) => one.cookieString()).join('; ')
    next = (await fetch(next, { redirect: 'manual', headers: { cookie } })).headers.get('location') ?? ''
    expect(new URL(next).origin).toBe('http://127.0.0.1:4711')
    expect(new URL(next).searchParams.get('error')).toBe('access_denied')
  })
})

describe('in a real browser', () => {
  let chromium: Browser
  beforeAll(async () => {
    chromium = await startChromium()
  })
  afterAll(() => chromium?.close())

  test("no listener on another port sees the issuer's cookies, and the sign-in goes where the page said", async () => {
    const seen: string[] = []
    const server = createServer((request, response) => {
      seen.push(`${request.url} ${request.headers.cookie ?? '-'}`)
      response.end('Signed in')
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const context = await chromium.newContext()
    const page = await context.newPage()
    const problems: string[] = []
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()))
    const attempt = await begin(`${origin}/callback`)
    await page.goto(attempt.url.href)
    await page.goto(`${origin}/`)
    await page.goto(attempt.url.href)
    if (process.env['SCREENSHOTS'] !== undefined)
      await page.screenshot({ path: `${process.env['SCREENSHOTS']}/sign-in.png` })
    await page.fill('input[name=username]', 'alice')
    await page.fill('input[name=password]', passwordOf('alice'))
    await page.keyboard.press('Enter')
    await page.waitForURL(`${origin}/callback?**`)
    for (const path of ['/', '/auth', '/session/end', '/approvals']) await page.goto(origin + path)
    expect(seen.filter((one) => !one.endsWith(' -') && !one.includes('favicon'))).toEqual([])
    expect(await context.cookies(issuer.url)).toEqual([])
    expect(problems.filter((text) => !text.includes('favicon'))).toEqual([])
    await context.close()
    server.close()
    server.closeAllConnections()
  })
})

describe('guessing a password', () => {
  test('takes longer each time, and locks nobody out', async () => {
    const { send } = await atTheForm()
    for (let guess = 0; guess < 20; guess++)
      expect((await send({ username: 'carol', password: `guess ${guess}` })).status).toBe(401)
    expect(waits.slice(0, 10)).toEqual([0, 0, 0, 0, 0, 100, 200, 400, 800, 1_600])
    expect(waits.slice(10)).toEqual(Array.from({ length: 10 }, () => 2_000))
    const { accessToken } = await signIn({ issuer: issuer.url, username: 'carol', password: passwordOf('carol') })
    expect(accessToken).toBeTruthy()
  })
  test('gets the same answer after the same wait, whether or not the name exists', async () => {
    const { send } = await atTheForm()
    const guesses = Array.from({ length: 15 }, (_, guess) => `guess ${guess}`)
    const told = async (username: string) => {
      const answers = []
      for (const password of guesses) answers.push(await send({ username, password }))
      return Promise.all(answers.map(async (answer) => `${answer.status} ${await answer.text()}`))
    }
    expect(await told('nobody')).toEqual(await told('alice'))
  })
})

describe('the waits', () => {
  test('are counted per source, expire, and do not include successful ones', () => {
    let time = 1_000
    const throttle = createThrottle(() => time)
    const wait = (source: string, right = false) => {
      const attempt = throttle.enter(source)
      attempt?.done(right)
      return attempt?.waitMs
    }
    for (let attempt = 0; attempt < 50; attempt++) expect(wait('b', true)).toBe(0)
    for (let attempt = 0; attempt < 6; attempt++) wait('a')
    expect([wait('a'), wait('b')]).toEqual([200, 0])
    time += 61_000
    expect(wait('a')).toBe(0)
  })
  test('are limited to a hundred waiting per source', () => {
    const throttle = createThrottle(() => 1_000)
    const entered = Array.from({ length: 101 }, () => throttle.enter('a'))
    expect(entered.filter((one) => one !== null)).toHaveLength(100)
    entered[0]?.done(false)
    expect(throttle.enter('a')).not.toBeNull()
    expect(throttle.enter('b')).not.toBeNull()
  })
})

describe('a form that is too long', () => {
  test.each([5_000, 500_000])('of %d characters is answered 413', async (length) => {
    const { send } = await atTheForm()
    expect((await send({ username: 'alice', password: 'x'.repeat(length) })).status).toBe(413)
  })
  test.each(['content-length: 300000000', 'transfer-encoding: chunked'])(
    'is not read to its end: %s',
    async (framing) => {
      const { action, cookie } = await atTheForm()
      const { port, pathname } = new URL(action)
      const socket = connect(Number(port), '127.0.0.1')
      const closed = new Promise<void>((resolve) => void socket.once('close', () => resolve()))
      let heard = ''
      socket.on('data', (data) => (heard += data.toString()))
      socket.on('error', () => undefined)
      socket.write(
        `POST ${pathname} HTTP/1.1\r\nhost: 127.0.0.1\r\ncookie: ${cookie}\r\ncontent-type: application/x-www-form-urlencoded\r\n${framing}\r\n\r\n`,
      )
      const chunk = Buffer.from(`10000\r\n${'x'.repeat(0x10000)}\r\n`)
      while (!socket.destroyed && socket.writable && socket.bytesWritten < 300_000_000)
        await Promise.race([closed, new Promise((resolve) => socket.write(chunk, resolve))])
      expect(heard).toMatch(/^HTTP\/1.1 413 /)
      // what it reads, plus the kernel's buffers
      expect(socket.bytesWritten).toBeLessThan(50_000_000)
      socket.destroy()
    },
  )
})
