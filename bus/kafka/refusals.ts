/**
 * Patches kafkajs, which is no longer maintained: it treats a certificate that either side refuses like a broker that is down, and reports the reason only
 * after 17 s. With the patch, a first connect fails once a broker has refused twice: by then every other one has been tried.
 */
import { createRequire } from 'node:module'

interface Failed {
  message: string
  /** `host:port` */
  broker?: string
}
type Bail = (error: unknown) => void
type Work = (bail: Bail, retries: number, retryMs: number) => Promise<unknown>

interface BrokerPool {
  retrier(work: Work): Promise<unknown>
  connect(): Promise<unknown>
}

const load: (id: string) => { prototype: BrokerPool } = createRequire(import.meta.url)
const { prototype } = load('kafkajs/src/cluster/brokerPool')
const { connect } = prototype

const REFUSED = /certificate|unknown ca|handshake failure|wrong version number|packet length too long/i

/** Pools that have connected once: a later refusal, such as during certificate renewal, is waited out. */
const accepted = new WeakSet<BrokerPool>()
const patched = new WeakSet<BrokerPool>()

prototype.connect = async function (this: BrokerPool) {
  if (!patched.has(this)) giveUpEarly(this)
  patched.add(this)
  const result = await connect.call(this)
  accepted.add(this)
  return result
}

/** `connect` alone lets its errors reach the retrier; the pool's other methods end it on a failed connection anyway. */
function giveUpEarly(pool: BrokerPool): void {
  const { retrier } = pool
  pool.retrier = (work) => {
    const refusing = new Set<string | undefined>()
    return retrier((bail, ...rest) =>
      work(bail, ...rest).catch((error: Failed) => {
        if (REFUSED.test(error.message) && !accepted.has(pool)) {
          if (refusing.has(error.broker)) bail(error)
          refusing.add(error.broker)
        }
        throw error
      }),
    )
  }
}
