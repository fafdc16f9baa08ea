/** Customers, as one process: `customers.ts <visits per second>`. Steady, light traffic; failed requests are ignored. */
import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { endWithParent, receiveEndpoints } from './supervised.ts'
import { chooseVisit, untilTheNext } from './visits.ts'

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
  await delay(untilTheNext(visitsPerSecond, Math.random))
  const base = frontend('frontend')
  if (base !== undefined && open < atOnce) void visit(base)
}

async function visit(base: string): Promise<void> {
  open += 1
  const { method, path, body } = chooseVisit(Math.random)
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
