/** What customers do, and how often they visit. */
import { products } from './products.ts'

export interface Visit {
  method: 'GET' | 'POST'
  path: string
  body?: unknown
}

/** ms until the next visit: Poisson arrivals, as of independent visitors. */
export const untilTheNext = (visitsPerSecond: number, random: () => number): number =>
  (-Math.log(1 - random()) * 1_000) / visitsPerSecond

export function chooseVisit(random: () => number): Visit {
  const customer = Math.floor(random() * 400)
  const sku = products[Math.floor(random() * products.length)]?.sku ?? ''
  const mood = random()
  if (mood < 0.22) return { method: 'GET', path: `/?page=${customer % 4}` }
  if (mood < 0.4) return { method: 'GET', path: `/products/${sku}` }
  if (mood < 0.78) return { method: 'GET', path: `/cart/${customer}` }
  if (mood < 0.88) return { method: 'POST', path: `/cart/${customer}/items`, body: { sku } }
  return { method: 'POST', path: `/checkout/${customer}` }
}

/** Further customers during a sale, as a multiple of the usual visits; each of them buys a voucher. */
export const SALE = 4

export const chooseVoucher = (random: () => number): Visit => ({
  method: 'POST',
  path: `/vouchers/${Math.floor(random() * 400)}`,
})
