/** The approval page in a real browser, with a real sign-in. */
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { actionHash } from '../../schemas/action-hash.ts'
import type { ApprovalRequested } from '../../schemas/events.generated.ts'
import { approvalRequested, rollback } from '../events/requests.ts'
import { until } from '../lab/until.ts'
import { startChromium } from '../servers/chromium.ts'
import { createBrowser, formOn } from './browser.ts'
import { createFakeServices, createSetting, passwordOf, published, type Setting, startControlPlane } from './setting.ts'

let setting: Setting
let controlPlane: Awaited<ReturnType<typeof startControlPlane>>
let chromium: Browser

beforeAll(async () => {
  setting = await createSetting()
  controlPlane = await startControlPlane(setting, { lab: createFakeServices() })
  chromium = await startChromium()
})

afterAll(async () => {
  await chromium?.close()
  await controlPlane.stop()
  await setting.close()
})

async function requested(over: Partial<ApprovalRequested> = {}) {
  const request = approvalRequested({
    title: { en: 'Roll back cart', 'zh-TW': '回復 cart' },
    reason: { en: 'slower since its deployment', 'zh-TW': '部署之後變慢' },
    requested_by: `${setting.issuer.url}|control-plane`,
    evidence: [randomUUID()],
    ...over,
  })
  await setting.bus.publish([await setting.bus.encode('ApprovalRequested', request)])
  const known = `SELECT FROM control_plane.approvals WHERE approval_id = $1 AND request IS NOT NULL`
  await until(async () => (await setting.pool.query(known, [request.approval_id])).rowCount === 1)
  return request
}

async function signIn(page: Page) {
  await page.goto(`${controlPlane.url}/approvals`)
  await page.fill('input[name=username]', 'alice')
  await page.fill('input[name=password]', passwordOf(setting, 'alice'))
  await page.click('button')
  await page.waitForURL(`${controlPlane.url}/approvals/*`)
}

/** Saves screenshots with `SCREENSHOTS=DIR`. */
async function picture(page: Page, name: string) {
  const dir = process.env['SCREENSHOTS']
  if (dir !== undefined) await page.screenshot({ path: `${dir}/${name}.png`, fullPage: true })
}

test.each([
  ['en-US', 'Waiting for a decision', 'Roll back shop / cart from cart:1.5.0 to cart:1.4.2', 'Approve', 'approved'],
  ['zh-TW', '等待決定', '將 shop / cart 從 cart:1.5.0 退版至 cart:1.4.2', '拒絕', 'rejected'],
])('in %s a person signs in, reads the request, and decides', async (locale, waiting, title, button, decision) => {
  const request = await requested()
  const context = await chromium.newContext({ locale })
  const page = await context.newPage()
  const problems: string[] = []
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()))
  page.on('pageerror', (error) => problems.push(error.message))

  await signIn(page)
  expect(await page.textContent('body')).toContain(waiting)
  const card = page.locator(`article[id="${request.approval_id}"]`)
  expect(await card.locator('h3').textContent()).toBe(title)
  expect(await card.textContent()).toMatch(/approve or reject exactly|核准或拒絕的就是/)

  await card.locator('textarea').fill('I looked at it')
  await card.getByRole('button', { name: button }).click()
  await expect.poll(() => card.textContent()).toContain('I looked at it')
  expect(await card.locator('button').count()).toBe(0)
  expect(await card.textContent()).not.toMatch(/approve or reject exactly|核准或拒絕的就是/)
  const decided = await until(async () =>
    (await published(setting, 'ApprovalDecided')).find((one) => one.approval_id === request.approval_id),
  )
  const [, claim = ''] = decided.decision_jws.split('.')
  expect(JSON.parse(Buffer.from(claim, 'base64url').toString())).toMatchObject({ decision, sub: 'alice' })
  expect(problems).toEqual([])
  await picture(page, `approvals-${locale}`)
  await context.close()
})

test.each([
  ['en-US', 'Roll back shop / "c\\u0430rt" from "cart:1.5.0\\u202e2.4" to cart:1.4.2', 'Note by the assistant'],
  ['zh-TW', '將 shop / "c\\u0430rt" 從 "cart:1.5.0\\u202e2.4" 退版至 cart:1.4.2', '助理的說明'],
])('in %s misleading and invisible text is shown as what it is', async (locale, heading, author) => {
  const action = { ...rollback, service: 'c\u0430rt', target_state: { image_tag: 'cart:1.5.0\u202e2.4' } }
  const request = await requested({
    action,
    action_hash: actionHash(action),
    title: { en: 'Do nothing\u202e at all \u200b</h3><h3>Restart the test service' },
    reason: { en: `\u001b[2Jharmless\u0007 \u2066${'and safe. '.repeat(400)}` },
  })
  const context = await chromium.newContext({ locale })
  const page = await context.newPage()
  await signIn(page)
  const card = page.locator(`article[id="${request.approval_id}"]`)
  expect(await card.locator('h3').allTextContents()).toEqual([heading])
  expect(await card.locator('blockquote').textContent()).toContain(author)
  expect(await card.locator('blockquote').textContent()).toContain('Do nothing\\u202e at all \\u200b</h3>')
  expect(await page.locator('body').innerText()).not.toMatch(/[^\P{C}\n]/u)
  // others' text must not push the decision out of sight: the card fits on one screen
  expect((await card.boundingBox())?.height).toBeLessThan(1_200)
  await picture(page, `approvals-hostile-${locale}`)
  await context.close()
})

test.each([
  ['en-US', 'Sign out', 'You are signed out.'],
  ['zh-TW', '登出', '您已登出。'],
])(
  'in %s a person signs out here and at the issuer, and no other port gets the cookie',
  async (locale, button, done) => {
    const seen: string[] = []
    const server = createServer((request, response) => {
      if (request.headers.cookie !== undefined) seen.push(`${request.url} ${request.headers.cookie}`)
      response.end('hello')
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const elsewhere = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const context = await chromium.newContext({ locale })
    const page = await context.newPage()
    await signIn(page)
    const mine = page.url()
    for (const path of ['/', '/approvals', '/callback', '/login', '/auth', '/session/end', '/approvals/x'])
      await page.goto(elsewhere + path)
    await page.goto(mine)
    const ended = page.waitForRequest((request) => request.url().startsWith(`${setting.issuer.url}/session/end`))
    await page.getByRole('button', { name: button }).click()
    await ended
    await page.waitForURL(`${controlPlane.url}/signed-out`)
    expect(await page.textContent('body')).toContain(done)
    await picture(page, `signed-out-${locale}`)
    await page.goto(mine)
    expect(await page.locator('input[name=password]').count()).toBe(1)
    expect(seen).toEqual([])
    await context.close()
    server.close()
    server.closeAllConnections()
  },
)

async function byHand(username: string) {
  const browser = createBrowser()
  const { action } = formOn(await browser.go(`${controlPlane.url}/approvals`), 'interaction')
  const page = await browser.go(action, { username, password: passwordOf(setting, username) })
  return { browser, page }
}

test('a session works on its own path only, and so does its cookie', async () => {
  const { browser, page } = await byHand('alice')
  const other = await byHand('bob')
  const [cookie] = await browser.cookies(page.url)
  expect(cookie).toMatchObject({ path: new URL(page.url).pathname, httpOnly: true, sameSite: 'lax' })
  expect(cookie?.key).toMatch(/^approvals-session-\d+$/)
  expect(await browser.cookies(`${controlPlane.url}/approvals`)).toEqual([])
  const headers = { cookie: cookie?.cookieString() ?? '' }
  const elsewhere = await fetch(other.page.url, { headers, redirect: 'manual' })
  expect([elsewhere.status, elsewhere.headers.get('location')]).toEqual([302, '/login'])
})
