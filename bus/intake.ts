/** Between a log and a handler, on either bus: decode, hand on, dead-letter what cannot be taken. Only then may the position move. */
import { BusError, type Bus, type Delivery, type Received, type Subscription } from './bus.ts'
import type { Codec } from './codec.ts'
import { type DeadLetterReason, deadLetterRecord, isFor } from './dead-letter.ts'

/** Takes records of one partition in order. Throws when they must come again. */
export async function take(
  deliveries: readonly Delivery[],
  subscription: Subscription,
  codec: Codec,
  publish: Bus['publish'],
): Promise<void> {
  const mine = deliveries.filter((delivery) => isFor(subscription.consumer, delivery))
  const decoded = await Promise.all(mine.map((delivery) => decode(delivery, codec)))
  const received = decoded.filter((one) => 'value' in one)
  const rejections = received.length === 0 ? [] : await subscription.handle(received)
  const because = (code: string, reason: string): DeadLetterReason => ({
    consumer: subscription.consumer,
    group: subscription.group,
    code,
    reason,
  })
  const letters = [
    ...decoded
      .filter((one) => 'error' in one)
      .map(({ delivery, error }) => deadLetterRecord(delivery, because(error.code, error.message))),
    ...rejections.map(({ received: { delivery }, code, reason }) => deadLetterRecord(delivery, because(code, reason))),
  ]
  if (letters.length > 0) await publish(letters)
}

/** A registry that is away says nothing about the record: that is thrown, and the record comes again. */
async function decode(delivery: Delivery, codec: Codec): Promise<Received | { delivery: Delivery; error: BusError }> {
  try {
    return await codec.decode(delivery)
  } catch (error) {
    if (error instanceof BusError && error.code !== 'unavailable') return { delivery, error }
    throw error
  }
}
