/** The approval page as a person uses it: a real browser, a real sign-in, a click. */
import { randomUUID } from 'node:crypto'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { approvalRequested } from '../events/requests.ts'
import { until } from '../lab/until.ts'
import { startChromium } from '../servers/chromium.ts'
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

async function requested() {
  const request = approvalRequested({
    title: { en: 'Roll back cart to cart:1.4.2', 'zh-TW': '將 cart 回復到 cart:1.4.2' },
    reason: { en: 'slower since its deployment', 'zh-TW': '部署之後變慢' },
    requested_by: `${setting.issuer.url}|control-plane`,
    evidence: [randomUUID()],
  })
  await setting.bus.publish([await setting.bus.encode('ApprovalRequested', request)])
  const known = `SELECT FROM control_plane.approvals WHERE approval_id = $1 AND request IS NOT NULL`
  await until(async () => (await setting.pool.query(known, [request.approval_id])).rowCount === 1)
  return request
}

test.each([
  ['en-US', 'Waiting for a decision', 'Roll back cart to cart:1.4.2', 'Approve', 'approved'],
  ['zh-TW', '等待決定', '將 cart 回復到 cart:1.4.2', '拒絕', 'rejected'],
])('in %s a person signs in, reads what is asked, and decides', async (locale, waiting, title, button, decision) => {
  const request = await requested()
  const context = await chromium.newContext({ locale })
  const page = await context.newPage()
  const problems: string[] = []
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()))
  page.on('pageerror', (error) => problems.push(error.message))

  await page.goto(`${controlPlane.url}/approvals`)
  await page.fill('input[name=username]', 'alice')
  await page.fill('input[name=password]', passwordOf(setting, 'alice'))
  await page.click('button')
  await page.waitForURL(`${controlPlane.url}/approvals`)
  expect(await page.textContent('body')).toContain(waiting)
  const card = page.locator(`article[id="${request.approval_id}"]`)
  expect(await card.textContent()).toContain(title)

  await card.locator('textarea').fill('I looked at it')
  await card.getByRole('button', { name: button }).click()
  await expect.poll(() => card.textContent()).toContain('I looked at it')
  expect(await card.locator('button').count()).toBe(0)
  const decided = await until(async () =>
    (await published(setting, 'ApprovalDecided')).find((one) => one.approval_id === request.approval_id),
  )
  const [, claim = ''] = decided.decision_jws.split('.')
  expect(JSON.parse(Buffer.from(claim, 'base64url').toString())).toMatchObject({ decision, sub: 'alice' })
  expect(problems).toEqual([])
  if (process.env['SCREENSHOTS'] !== undefined)
    await page.screenshot({ path: `${process.env['SCREENSHOTS']}/approvals-${locale}.png`, fullPage: true })
  await context.close()
})
