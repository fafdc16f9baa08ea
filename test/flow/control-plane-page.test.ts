/** The other way to decide: on the control-plane's own page, signed with its key. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { createBrowser, formOn, type Page } from '../embedded/browser.ts'
import { passwordOf } from '../embedded/setting.ts'
import { GOOD } from '../events/requests.ts'
import { until } from '../runtime/counting.ts'
import { type Loop, openLoop } from './loop.ts'
import { measuredCart } from './measured-cart.ts'

let loop: Loop
let cart: Awaited<ReturnType<typeof measuredCart>>
beforeAll(async () => {
  loop = await openLoop(async (databaseUrl) => ({
    options: { kind: 'postgres', databaseUrl },
    tearDown: async () => undefined,
  }))
  cart = await measuredCart(loop.services)
})
afterAll(async () => {
  await cart?.stop()
  await loop?.close()
})

it("an action approved on the control-plane's page runs, and the metrics show that it helped", async () => {
  await loop.deployBad()
  const agents = await loop.startAgents({ prometheusUrl: cart.url, verifyAfterMs: [6000, 12_000] })
  const session = await loop.ask()
  const of = (value: { session_id: string | null }) => value.session_id === session
  const approval = await loop.first('ApprovalRequested', of)

  const browser = createBrowser()
  const { action: signIn } = formOn(await browser.go(`${loop.controlPlane.url}/approvals`), 'interaction')
  const { url } = await browser.go(signIn, { username: 'alice', password: passwordOf(loop.setting, 'alice') })
  const page = await until(60_000, 'the page shows it', async (): Promise<Page | null> => {
    const shown = await browser.go(url)
    return shown.text.includes(`id="${approval.approval_id}"`) ? shown : null
  })
  const { action, fields } = formOn(page, approval.approval_id)
  await browser.go(action, { ...fields, decision: 'approved', reason: 'go ahead' })

  const { decision_jws: jws } = await loop.first('ApprovalDecided', of)
  expect(decodeJwt(jws)).toMatchObject({ iss: 'control-plane', sub: 'alice', approval_id: approval.approval_id })
  const { keys } = (await (await fetch(`${loop.controlPlane.url}/.well-known/jwks.json`)).json()) as { keys: { kid: string }[] } // prettier-ignore
  expect(keys.map(({ kid }) => kid)).toContain(decodeProtectedHeader(jws).kid)
  expect(loop.keys.jwks().keys.map(({ kid }) => kid)).not.toContain(decodeProtectedHeader(jws).kid)

  const completed = await loop.first('ActionCompleted', of)
  expect(completed).toMatchObject({ outcome: 'succeeded', effect: 'helped', error: null })
  const told = completed.checks.filter(({ effect }) => effect === 'helped')
  expect(told.every(({ service, after, evidence_id }) => service === 'cart' && after !== null && evidence_id !== null)).toBe(true) // prettier-ignore
  expect(await loop.all('ApprovalClosed', of)).toMatchObject([
    { outcome: 'approved', code: 'decided', decided_by: `${loop.setting.issuer.url}|alice` },
  ])
  expect(loop.services.deployed.filter((one) => one === `cart ${GOOD}`)).toHaveLength(1)
  await agents.stop()
}, 180_000)
