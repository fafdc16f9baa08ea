/** Writes dead letters. One that its topic does not take never stops a partition: it is kept shortened, and at last as what is known of it. */
import { type Bus, BusError, type Delivery, messageOf, type Observer } from './bus.ts'
import { type DeadLetterReason, deadLetterRecord, letterRecord } from './dead-letter.ts'
import { BEGINNING, NOTHING, shorten } from './shorten.ts'

export interface Letter {
  delivery: Delivery
  why: DeadLetterReason
}

/** Throws `unavailable`, and `not_prepared` where there is no such topic. */
export async function putAside(
  letters: readonly Letter[],
  publish: Bus['publish'],
  observer?: Observer,
): Promise<void> {
  if (letters.length === 0) return
  const records = letters.map(({ delivery, why }) => deadLetterRecord(delivery, why))
  try {
    await publish(records)
  } catch (error) {
    if (!isRefused(error)) throw missingTopic(error, records[0]!.topic)
    if (letters.length === 1) return keepLess(letters[0]!, publish, observer)
    for (const letter of letters) await putAside([letter], publish, observer)
    return
  }
  records.forEach(({ headers }, place) => tell(letters[place]!, 'dlq_shortened' in headers, observer))
}

async function keepLess(letter: Letter, publish: Bus['publish'], observer?: Observer): Promise<void> {
  const [beginning, nothing] = [BEGINNING, NOTHING].map((kept) =>
    letterRecord(shorten(letter.delivery, kept), letter.why),
  )
  try {
    await publish([beginning!])
  } catch (error) {
    if (!isRefused(error)) throw error
    await publish([nothing!])
  }
  tell(letter, true, observer)
}

const tell = (
  { delivery: { origin }, why: { consumer, code, reason } }: Letter,
  shortened: boolean,
  observer?: Observer,
) =>
  // prettier-ignore
  observer?.putAside({ consumer, code, reason: reason.slice(0, 500), origin, shortened })

const isRefused = (error: unknown): boolean =>
  error instanceof BusError && (error.code === 'too_large' || error.code === 'invalid_event')

const missingTopic = (error: unknown, topic: string): unknown =>
  error instanceof BusError && error.code === 'unknown_topic'
    ? new BusError('not_prepared', `dead letters cannot be kept, ${topic} does not exist: run sre topics apply (${messageOf(error)})`, { cause: error }) // prettier-ignore
    : error
