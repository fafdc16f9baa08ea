import { traceId, type ShopContext, type ShopRequest } from '../service.ts'
import { askPrices, carts, type PriceLines } from './carts.ts'

const cents = (price: string | null | undefined): number => Math.round(Number(price?.split(' ')[0] ?? Number.NaN) * 100)

/** A product may be listed before it has a price, so a missing price is asked for again. */
async function awaitPrice(sku: string, context: ShopContext, request: ShopRequest): Promise<number> {
  for (let attempt = 1; attempt <= 2; attempt++) {
    context.log.warn({ trace_id: traceId(request), attributes: { sku } }, `no price yet for ${sku}, asking again`)
    await context.surroundings.wait(300)
    const amount = cents((await askPrices([sku], context, request)).get(sku))
    if (Number.isInteger(amount)) return amount
  }
  throw new Error(`no price for ${sku}`)
}

const priceLines: PriceLines = async (skus, context, request) => {
  const prices = await askPrices(skus, context, request)
  const amounts: number[] = []
  for (const sku of skus) {
    const amount = cents(prices.get(sku))
    amounts.push(Number.isInteger(amount) ? amount : await awaitPrice(sku, context, request))
  }
  return amounts
}

export const release = carts(priceLines)
