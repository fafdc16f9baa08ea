/** Writes dead letters. A letter that the topic refuses never blocks the partition: it is written truncated, or else as metadata only. */
import { type Bus, BusError, type Delivery, type EncodedRecord, type Observer, type PutAside } from './bus.ts'
import { type DeadLetterReason, deadLetterRecord, letterRecord } from './dead-letter.ts'
import { PREFIX } from './letter-headers.ts'
import { BEGINNING, NOTHING, shorten } from './shorten.ts'

export interface Letter {
  delivery: Delivery
  why: DeadLetterReason
}

/** Throws `unavailable`, or `not_prepared` if the topic does not exist. */
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
  records.forEach((record, place) => observer?.putAside(putAsideAs(record, letters[place]!)))
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
  observer?.putAside({ ...putAsideAs(nothing!, letter), shortened: true })
}

const TOLD_CHARACTERS = 500

/** The report to the observer about a letter that was stored as this record. */
export const putAsideAs = (
  { headers }: EncodedRecord,
  { delivery: { origin }, why: { consumer, code, reason } }: Letter,
): PutAside => ({
  ...{ consumer, code, reason: reason.slice(0, TOLD_CHARACTERS), origin },
  shortened: `${PREFIX}shortened` in headers,
})

const isRefused = (error: unknown): boolean =>
  error instanceof BusError && (error.code === 'too_large' || error.code === 'invalid_event')

const missingTopic = (error: unknown, topic: string): unknown =>
  error instanceof BusError && (error.code === 'unknown_topic' || error.code === 'not_prepared')
    ? new BusError('not_prepared', `cannot store dead letters: ${topic} does not exist, run sre topics apply`, { cause: error }) // prettier-ignore
    : error
