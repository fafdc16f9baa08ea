/** Customers, as one process: `customers.ts <visits per second>`. Steady, gentle traffic; its own failures are the shop's, not ours. */
import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { products } from './products.ts'
import { endWithParent, receiveEndpoints } from './supervised.ts'

const visitsPerSecond = Number(process.argv[2])
if (!(visitsPerSecond > 0)) throw new Error('visits per second must be above 0')

const frontend = receiveEndpoints()
const atOnce = 60
let open = 0
let ended = false
endWithParent(async () => {
  ended = true
})
process.send?.({ type: 'listening', address: '' })

while (!ended) {
  // Poisson arrivals: people do not come on a beat.
  await delay((-Math.log(1 - Math.random()) * 1_000) / visitsPerSecond)
  const base = frontend('frontend')
  if (base !== undefined && open < atOnce) void visit(base)
}

async function visit(base: string): Promise<void> {
  open += 1
  const { method, path, body } = choose()
  const trace = `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`
  await fetch(`${base}${path}`, {
    method,
    signal: AbortSignal.timeout(8_000),
    headers: { traceparent: trace, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
    .then((response) => response.arrayBuffer())
    .catch(() => undefined)
    .finally(() => {
      open -= 1
    })
}

function choose(): { method: string; path: string; body?: unknown } {
  const customer = Math.floor(Math.random() * 400)
  const sku = products[Math.floor(Math.random() * products.length)]?.sku ?? ''
  const mood = Math.random()
  if (mood < 0.22) return { method: 'GET', path: `/?page=${customer % 4}` }
  if (mood < 0.4) return { method: 'GET', path: `/products/${sku}` }
  if (mood < 0.78) return { method: 'GET', path: `/cart/${customer}` }
  if (mood < 0.88) return { method: 'POST', path: `/cart/${customer}/items`, body: { sku } }
  return { method: 'POST', path: `/checkout/${customer}` }
}
