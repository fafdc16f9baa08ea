/** `GET /docs` in a real browser: readable, from this gateway alone, within its content security policy. */
import type { AddressInfo } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readDocument } from '../../gateway/document.ts'
import { startChromium } from '../servers/chromium.ts'
import { type Platform, startPlatform } from './platform.ts'

const LIMIT_MS = 120_000
const document = readDocument()
let platform: Platform
let chromium: Browser
let origin: string
beforeAll(async () => {
  ;[platform, chromium] = await Promise.all([startPlatform(), startChromium()])
  await platform.app.listen({ host: '127.0.0.1', port: 0 })
  origin = `http://127.0.0.1:${(platform.app.server.address() as AddressInfo).port}`
}, LIMIT_MS)
afterAll(async () => {
  await chromium?.close()
  await platform?.close()
})

/** Saves screenshots with `SCREENSHOTS=DIR`. */
async function picture(page: Page, name: string) {
  const dir = process.env['SCREENSHOTS']
  if (dir !== undefined) await page.screenshot({ path: `${dir}/${name}.png` })
}

test(
  'shows every operation, and loads and runs nothing from elsewhere',
  async () => {
    const page = await chromium.newPage({ viewport: { width: 1200, height: 1000 } })
    page.setDefaultTimeout(LIMIT_MS)
    const [asked, wrong]: [string[], string[]] = [[], []]
    page.on('request', (request) => asked.push(request.url()))
    page.on('console', (message) => void (message.type() === 'error' && wrong.push(message.text())))
    page.on('pageerror', (error) => wrong.push(error.message))
    await page.goto(`${origin}/docs`)
    const operations = page.locator('.opblock')
    await operations.nth(document.operations.size - 1).waitFor()
    expect(await operations.count()).toBe(document.operations.size)
    const paths = await page.locator('.opblock-summary-path').evaluateAll((all) => all.map((one) => one.textContent))
    // Swagger UI puts zero-width spaces where a path may break
    expect(paths.map((one) => one?.replaceAll('\u200b', '')).toSorted()).toEqual(
      [...document.operations.values()].map(({ path }) => path).toSorted(),
    )
    expect(await page.locator('h1, h2').first().textContent()).toContain('SRE Platform facade')
    await picture(page, 'docs')

    await page.goto(`${origin}/docs#/default/getToolStatus`)
    await page.reload()
    const opened = page.locator('.opblock.is-open')
    await opened.locator('.responses-table').first().waitFor()
    expect(await opened.textContent()).toContain('by name of the tool')
    // to read only: it neither sends a request nor takes a token
    expect(await page.locator('.try-out__btn, .btn.execute').count()).toBe(0)
    expect(await page.locator('.btn.authorize').isVisible()).toBe(false)
    await opened.scrollIntoViewIfNeeded()
    await picture(page, 'docs-operation')

    expect(wrong).toEqual([])
    expect(asked.filter((url) => !url.startsWith(`${origin}/`) && !url.startsWith('data:'))).toEqual([])
    await page.close()
  },
  LIMIT_MS * 2,
)

test('has a policy that allows neither other origins nor inline scripts and styles', async () => {
  const answer = await platform.ask(null, 'GET', '/docs')
  const policy = String(answer.headers['content-security-policy'])
  expect(policy).toContain("default-src 'none'")
  expect(policy).not.toMatch(/unsafe|https?:|\*/)
  for (const inline of ['<script>', '<style', 'style=', 'http:', 'https:']) expect(answer.text).not.toContain(inline)
  expect((await platform.ask(null, 'GET', '/openapi.json')).body).toEqual(document.specification)
})

test.each(['package.json', '..%2fopenapi.yaml', 'swagger-ui-bundle.js.map'])('has no %s', async (asset) => {
  expect(await platform.ask(null, 'GET', `/docs/${asset}`)).toMatchObject({
    status: 400,
    body: { error: 'INVALID_REQUEST' },
  })
})
