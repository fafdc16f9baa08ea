import { askPrices, carts, type PriceLines } from './carts.ts'

/** `12.50 EUR` and `1.049,00 EUR`: the decimal mark is the last one. */
function cents(price: string): number {
  const [amount = ''] = price.split(' ')
  return Math.round(Number(amount.includes(',') ? amount.replaceAll('.', '').replace(',', '.') : amount) * 100)
}

const priceLines: PriceLines = async (skus, context, request) => {
  const prices = await askPrices(skus, context, request)
  return skus.map((sku) => cents(prices.get(sku) ?? ''))
}

export const release = carts(priceLines)
