/** One member of a consumer group: locks positions, hands on what lies behind them, moves them on, all in one transaction. */
import type { Pool, PoolClient } from 'pg'
import type { Bus, Consumption, Subscription } from '../bus.ts'
import type { Codec } from '../codec.ts'
import { take } from '../intake.ts'
import { lockBehind, moveOn, readBehind } from './log.ts'

export interface ConsumeOptions {
  pool: Pool
  subscription: Subscription
  codec: Codec
  publish: Bus['publish']
  /** settles at the next wake-up of the log, or when `ms` have passed */
  wake(ms: number): Promise<void>
}

const BATCH = 200
const POSITIONS = 4
/** A member that is frozen inside its transaction loses its partitions to the others after this. */
const FROZEN_MS = 5000
const IDLE_MS = 1000
const BACKOFF_MS = [100, 500, 2000, 5000]
const UNHEALTHY_MS = 30_000

export function consume(options: ConsumeOptions): Consumption {
  let stopped = false
  let paused = false
  let failures = 0
  let lastError = ''
  let lastGood = Date.now()

  const loop = async () => {
    while (!stopped) {
      try {
        const handled = paused ? 0 : await consumeOnce(options)
        failures = 0
        lastGood = Date.now()
        if (handled === 0) await options.wake(IDLE_MS)
      } catch (error) {
        lastError = error instanceof Error ? error.message : String(error)
        await options.wake(BACKOFF_MS[Math.min(failures++, BACKOFF_MS.length - 1)] ?? IDLE_MS)
      }
    }
  }
  const running = loop()
  return {
    pause: () => void (paused = true),
    resume: () => void (paused = false),
    unhealthy() {
      if (stopped) return 'the consumer is stopped'
      const silentMs = Date.now() - lastGood
      return silentMs > UNHEALTHY_MS ? `nothing could be read for ${Math.round(silentMs / 1000)} s: ${lastError}` : null
    },
    failed: new Promise(() => undefined),
    async stop() {
      stopped = true
      await running
    },
  }
}

async function consumeOnce({ pool, subscription, codec, publish }: ConsumeOptions): Promise<number> {
  const client = await pool.connect()
  let broken: Error | undefined
  try {
    await client.query(`BEGIN; SET LOCAL idle_in_transaction_session_timeout = ${FROZEN_MS}`)
    const handled = await consumeLocked(client, subscription, codec, publish)
    await client.query('COMMIT')
    return handled
  } catch (error) {
    broken = error instanceof Error ? error : new Error(String(error))
    throw error
  } finally {
    // A connection whose transaction failed is not used again: closing it is the rollback.
    client.release(broken)
  }
}

async function consumeLocked(
  client: PoolClient,
  subscription: Subscription,
  codec: Codec,
  publish: Bus['publish'],
): Promise<number> {
  const { group, topics } = subscription
  let handled = 0
  for (const position of await lockBehind(client, group, topics, POSITIONS)) {
    const records = await readBehind(client, position, BATCH)
    const last = records.at(-1)
    if (last === undefined) continue
    await take(records.map((record) => record.delivery), subscription, codec, publish) // prettier-ignore
    await moveOn(client, group, last.position)
    handled += records.length
  }
  return handled
}
