import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pino } from 'pino'
import { initialSettings, kinds, releases, releasesOf, type ServiceName, services } from '../../lab/releases.ts'
import { createCall, type Call } from '../../lab/shop/dependencies.ts'
import { products } from '../../lab/shop/products.ts'
import { createService } from '../../lab/shop/service.ts'
import { createSettings } from '../../lab/shop/settings.ts'
import { machine } from '../../lab/shop/surroundings.ts'

let server: Server
let address: string

beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.url === '/silent') return
    response.statusCode = request.url === '/broken' ? 500 : 200
    response.end(JSON.stringify({ traceparent: request.headers['traceparent'] ?? null, method: request.method }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterAll(() => {
  server.closeAllConnections()
  server.close()
})

describe('a call to a dependency', () => {
  const call = createCall((name) => ({ catalog: address, gone: 'http://127.0.0.1:1' })[name])

  test('propagates the trace', async () => {
    const trace = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`
    expect(await call('catalog', '/', { timeoutMs: 5_000, trace, method: 'POST', body: {} })).toEqual({
      traceparent: trace,
      method: 'POST',
    })
  })

  test.each([
    ['catalog', '/broken', 502, 'catalog answered 500', 60_000],
    ['catalog', '/silent', 504, 'catalog did not answer within 200 ms', 200],
    ['gone', '/', 502, 'gone could not be reached', 60_000],
    ['unknown', '/', 502, 'unknown has no address', 60_000],
  ])('to %s%s fails as %i: %s', async (service, path, answer, message, timeoutMs) => {
    await expect(call(service, path, { timeoutMs })).rejects.toMatchObject({ answer, message })
  })
})

const priceOf = (sku: string) => products.find((product) => product.sku === sku)?.price ?? null
/** Responds as catalog, cart and payment would. */
const shop: Call = async (_service, path, { method }) => {
  const skus = new URLSearchParams(path.split('?')[1]).get('skus')?.split(',') ?? []
  if (path.startsWith('/prices')) return { items: skus.map((sku) => ({ sku, price: priceOf(sku) })) }
  return path.startsWith('/carts') && method === undefined ? { total: 1250 } : {}
}

async function serve(imageTag: string, call: Call = shop) {
  const { release } = (await releases[imageTag]?.()) ?? {}
  if (release === undefined) throw new Error(`no release ${imageTag}`)
  const service = imageTag.split(':')[0] as ServiceName
  const { get: setting } = createSettings(initialSettings[service])
  const context = { log: pino({ level: 'silent' }), call, surroundings: machine, setting }
  return createService({ ...{ service, context, release }, store: kinds[service].store })
}

describe('the shop', () => {
  test('has a release of every service', () => {
    expect(services.map((name) => releasesOf(name).length > 0)).toEqual(services.map(() => true))
  })

  test('finds its products, and rejects unknown ones', async () => {
    const catalog = await serve('catalog:2.8.2')
    expect((await catalog.inject('/products?page=1')).json()).toMatchObject({ items: products.slice(12, 24) })
    expect((await catalog.inject('/products/sku-001')).json()).toEqual(products[1])
    expect((await catalog.inject('/products/nothing')).statusCode).toBe(404)
    expect((await catalog.inject('/stock')).json()).toMatchObject({ items: { length: products.length } })
    await catalog.close()
  })

  test('computes the total of a cart, including imported goods', async () => {
    const cart = await serve('cart:1.4.2')
    const answer = (await cart.inject('/carts/4')).json<{ lines: { sku: string; cents: number }[]; total: number }>()
    expect(answer.lines).toHaveLength(5)
    expect(answer.total).toBe(answer.lines.reduce((sum, { cents }) => sum + cents, 0))
    const imported = products.findIndex(({ price }) => price.includes(','))
    expect(products[imported]?.price).toMatch(/^1\.\d{3},00 EUR$/)
    expect(answer.lines.every(({ cents }) => Number.isInteger(cents) && cents > 0)).toBe(true)
    await cart.close()
  })

  test("keeps a customer's cart until it is ordered, up to a limit", async () => {
    const cart = await serve('cart:1.4.2')
    const lines = async () => (await cart.inject('/carts/0')).json<{ lines: unknown[] }>().lines.length
    const before = await lines()
    for (let index = 0; index < 10; index++)
      await cart.inject({ method: 'POST', url: '/carts/0/items', payload: { sku: 'sku-001' } })
    expect(await lines()).toBe(8)
    await cart.inject({ method: 'DELETE', url: '/carts/0' })
    expect(await lines()).toBe(before)
    await cart.close()
  })

  test('accepts an order and its payment', async () => {
    const checkout = await serve('checkout:2.1.0')
    const ordered = await checkout.inject({ method: 'POST', url: '/orders', payload: { customer: 1 } })
    expect([ordered.statusCode, ordered.json()]).toEqual([201, { total: 1250 }])
    await checkout.close()
    const payment = await serve('payment:1.9.3')
    const paid = await payment.inject({ method: 'POST', url: '/charges', payload: { customer: 1, cents: 1250 } })
    expect([paid.statusCode, paid.json()]).toEqual([201, { captured: 1250 }])
    await payment.close()
  })

  test('counts responses by route and status, except scrapes', async () => {
    const frontend = await serve(
      'frontend:3.2.0',
      createCall(() => undefined),
    )
    expect((await frontend.inject('/cart/1')).statusCode).toBe(502)
    expect((await frontend.inject('/nowhere')).statusCode).toBe(404)
    await frontend.inject('/healthz')
    const { body } = await frontend.inject('/metrics')
    expect(body).toContain('http_requests_total{method="GET",route="/cart/:customer",status_code="502"} 1')
    expect(body).toContain('http_requests_total{method="GET",route="unknown",status_code="404"} 1')
    expect(body).not.toContain('healthz')
    await frontend.close()
  })
})
