/**
 * Customers, as one process: `customers.ts <visits per second>`. Steady, light traffic; failed requests are ignored. SIGUSR2 begins or ends a sale: many
 * more customers, who buy vouchers. News of a crowd multiplies the usual ones.
 */
import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { endWithParent, receive, receiveEndpoints } from './supervised.ts'
import { chooseVoucher, chooseVisit, SALE, untilTheNext, type Visit } from './visits.ts'

const visitsPerSecond = Number(process.argv[2])
if (!(visitsPerSecond > 0)) throw new Error('visits per second must be above 0')

const frontend = receiveEndpoints()
const atOnce = 60
let open = 0
let ended = false
let sale = false
let times = 1
process.on('SIGUSR2', () => {
  sale = !sale
})
receive({
  crowd: (next) => {
    times = next
  },
})
endWithParent(async () => {
  ended = true
})
process.send?.({ type: 'listening', address: '' })

await Promise.all([
  come(
    () => times * visitsPerSecond,
    chooseVisit,
    () => true,
  ),
  come(
    () => SALE * visitsPerSecond,
    chooseVoucher,
    () => sale,
  ),
])

async function come(
  perSecond: () => number,
  choose: (random: () => number) => Visit,
  isOn: () => boolean,
): Promise<void> {
  while (!ended) {
    await delay(untilTheNext(perSecond(), Math.random))
    const base = frontend('frontend')
    if (isOn() && base !== undefined && open < atOnce) void visit(base, choose(Math.random))
  }
}

async function visit(base: string, { method, path, body }: Visit): Promise<void> {
  open += 1
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
