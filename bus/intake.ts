/** Shared by both buses: decodes records, calls the handler, dead-letters failures. Only then may the offset be committed. */
import { BusError, type Bus, type Delivery, isOutside, type Received, type Subscription } from './bus.ts'
import type { Codec } from './codec.ts'
import { isFor } from './dead-letter.ts'
import { type Letter, putAside } from './put-aside.ts'
import { keyOf } from './standing.ts'

/** Handles records of one partition in order. Throws if they must be redelivered. */
export type Take = (deliveries: readonly Delivery[]) => Promise<void>

/** Records already handled whose dead letters are not written yet; a retry does not pass them to the handler again. */
interface Handled {
  offsets: ReadonlySet<string>
  letters: readonly Letter[]
}

export function createIntake(subscription: Subscription, codec: Codec, publish: Bus['publish']): Take {
  const unwritten = new Map<string, Handled>()
  return async (deliveries) => {
    const [first] = deliveries
    if (first === undefined) return
    const place = keyOf(first.origin)
    const before = unwritten.get(place)
    // after a rebalance another member may have consumed these records
    const known = before?.offsets.has(first.origin.offset) === true ? before : NONE
    const fresh = deliveries.filter(({ origin }) => !known.offsets.has(origin.offset))
    const letters = [...known.letters, ...(await handOn(fresh, subscription, codec))]
    const offsets = new Set([...known.offsets, ...fresh.map(({ origin }) => origin.offset)])
    unwritten.set(place, { offsets, letters })
    await putAside(letters, publish, subscription.observer)
    unwritten.delete(place)
  }
}

const NONE: Handled = { offsets: new Set(), letters: [] }

async function handOn(
  deliveries: readonly Delivery[],
  { consumer, group, handle }: Subscription,
  codec: Codec,
): Promise<Letter[]> {
  const mine = deliveries.filter((delivery) => isFor(consumer, delivery))
  const decoded = await Promise.all(mine.map((delivery) => decode(delivery, codec)))
  const received = decoded.filter((one) => 'value' in one)
  const rejections = received.length === 0 ? [] : await handle(received)
  const because = (code: string, reason: string) => ({ consumer, group, code, reason })
  return [
    ...decoded
      .filter((one) => 'error' in one)
      .map(({ delivery, error }) => ({ delivery, why: because(error.code, error.message) })),
    ...rejections.map(({ received: { delivery }, code, reason }) => ({ delivery, why: because(code, reason) })),
  ]
}

/** An unreachable or wrong registry is not the record's fault: the error is thrown, and the record is redelivered. */
async function decode(delivery: Delivery, codec: Codec): Promise<Received | { delivery: Delivery; error: BusError }> {
  try {
    if (delivery.unreadable !== undefined) throw new BusError('undecodable', delivery.unreadable)
    if (delivery.shortened !== undefined) throw tooLarge(delivery.shortened)
    return await codec.decode(delivery)
  } catch (error) {
    if (error instanceof BusError && !isOutside(error)) return { delivery, error }
    throw error
  }
}

const tooLarge = (shortened: NonNullable<Delivery['shortened']>): BusError => {
  const parts = Object.entries(shortened).map(([part, { bytes }]) => `its ${part} of ${bytes} bytes`)
  return new BusError('too_large', `the record is too large to read: ${parts.join(', ')}`)
}
