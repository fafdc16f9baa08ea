import { z } from 'zod'
import { products } from '../products.ts'
import { traceId, traceOf, type Release, type ShopContext, type ShopRequest } from '../service.ts'

/** Prices the lines of a cart, in cents, in order. */
export type PriceLines = (skus: readonly string[], context: ShopContext, request: ShopRequest) => Promise<number[]>

const owner = z.object({ customer: z.coerce.number().int().min(0) })
const item = z.object({ sku: z.string() })
const prices = z.object({ items: z.array(z.object({ sku: z.string(), price: z.string().nullable() })) })
const maximalLines = 8

/** Items a customer left in the cart on an earlier visit. */
const savedLines = (customer: number): string[] =>
  Array.from(
    { length: 1 + (customer % 5) },
    (_, line) => products[(customer * 7 + line * 11) % products.length]?.sku ?? '',
  )

/** Asks the catalog for all prices in one call, as the catalog formats them. */
export async function askPrices(skus: readonly string[], { call }: ShopContext, request: ShopRequest) {
  const path = `/prices?skus=${skus.map(encodeURIComponent).join(',')}`
  const answer = await call('catalog', path, { timeoutMs: 1_000, trace: traceOf(request) })
  return new Map(prices.parse(answer).items.map(({ sku, price }) => [sku, price]))
}

/** The cart's routes, with a given way to price its lines. */
export const carts =
  (priceLines: PriceLines): Release =>
  (app, context) => {
    const { stored } = context
    const added = new Map<number, string[]>()
    const linesOf = (customer: number) => [...savedLines(customer), ...(added.get(customer) ?? [])]

    app.get('/carts/:customer', async (request) => {
      const { customer } = owner.parse(request.params)
      await stored(4)
      const skus = linesOf(customer)
      const cents = await priceLines(skus, context, request)
      return { lines: skus.map((sku, line) => ({ sku, cents: cents[line] })), total: cents.reduce((a, b) => a + b, 0) }
    })
    app.post('/carts/:customer/items', async (request, reply) => {
      const { customer } = owner.parse(request.params)
      const { sku } = item.parse(request.body)
      await stored(6)
      if (linesOf(customer).length < maximalLines) added.set(customer, [...(added.get(customer) ?? []), sku])
      context.log.info({ trace_id: traceId(request), attributes: { sku, customer } }, 'item added to cart')
      return reply.code(201).send({ lines: linesOf(customer).length })
    })
    app.delete('/carts/:customer', async (request) => {
      added.delete(owner.parse(request.params).customer)
      await stored(4)
      return { lines: 0 }
    })
  }
