/** Anyone can begin a sign-in on the approvals page: one must not be affected by how many others were begun. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createBrowser, formOn } from './browser.ts'
import { createFakeServices, createSetting, passwordOf, startControlPlane, type Setting } from './setting.ts'

let setting: Setting
let controlPlane: Awaited<ReturnType<typeof startControlPlane>>
beforeAll(async () => {
  setting = await createSetting()
  controlPlane = await startControlPlane(setting, { lab: createFakeServices() })
})
afterAll(async () => {
  await controlPlane.stop()
  await setting.close()
})

test('a sign-in is completed however many others were begun meanwhile', { timeout: 120_000 }, async () => {
  const browser = createBrowser()
  const { action } = formOn(await browser.go(`${controlPlane.url}/approvals`), 'interaction')
  for (let begun = 0; begun < 1_001; begun++) {
    const { status, body } = await fetch(`${controlPlane.url}/login`, { redirect: 'manual' })
    await body?.cancel()
    expect(status).toBe(302)
  }
  const page = await browser.go(action, { username: 'alice', password: passwordOf(setting, 'alice') })
  expect(page).toMatchObject({ status: 200, url: expect.stringContaining(`${controlPlane.url}/approvals/`) })
})

test('what the browser keeps of a sign-in neither shows its secrets nor can be made up', async () => {
  const { headers } = await fetch(`${controlPlane.url}/login`, { redirect: 'manual' })
  const state = new URL(headers.get('location') ?? '').searchParams.get('state') ?? ''
  const [cookie = ''] = headers.getSetCookie()
  const [name = '', sealed = ''] = cookie.split(';', 1)[0]?.split('=') ?? []
  for (const part of sealed.split('.')) expect(Buffer.from(part, 'base64url').toString()).not.toContain(state)
  const other = Buffer.from(JSON.stringify({ state, verifier: 'v'.repeat(43), redirectUri: 'http://x' }))
  for (const made of [other.toString('base64url'), `${sealed.slice(0, -4)}AAAA`]) {
    const answer = await fetch(`${controlPlane.url}/callback?code=x&state=${state}`, {
      headers: { cookie: `${name}=${made}` },
    })
    expect(answer.status).toBe(401)
    expect(await answer.text()).toContain('this sign-in has expired')
  }
})
