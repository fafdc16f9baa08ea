/** What could not be taken is kept: its bytes, key and headers, where it lay, and why. */
import { deadLetterTopicName } from '../schemas/contract.ts'
import type { Delivery, EncodedRecord } from './bus.ts'
import { storable } from './storable.ts'

/** Counts redrives: absent on a first delivery, `1` on the first redrive. */
export const ATTEMPT_HEADER = 'sre_attempt'
/** Names the consumer a redrive is for: the others had the record already. */
const REDRIVEN_FOR_HEADER = 'sre_redriven_for'
const PREFIX = 'dlq_'
/** A reason longer than this says nothing more. */
const REASON_CHARACTERS = 8_000

export interface DeadLetterReason {
  /** owner of the dead-letter topic */
  consumer: string
  group: string
  /** stable code */
  code: string
  reason: string
}

export interface DeadLetter extends DeadLetterReason {
  origin: Delivery['origin']
  key: string | null
  value: Buffer
  /** headers of the record as it came */
  headers: Readonly<Record<string, string>>
}

export function deadLetterRecord(delivery: Delivery, why: DeadLetterReason): EncodedRecord {
  const { origin } = delivery
  return {
    topic: deadLetterTopicName(origin.topic, why.consumer),
    key: delivery.key ?? '',
    value: delivery.value ?? Buffer.alloc(0),
    headers: {
      ...delivery.headers,
      [`${PREFIX}topic`]: origin.topic,
      [`${PREFIX}partition`]: String(origin.partition),
      [`${PREFIX}offset`]: origin.offset,
      [`${PREFIX}timestamp`]: String(origin.timestamp),
      [`${PREFIX}consumer`]: why.consumer,
      [`${PREFIX}group`]: why.group,
      [`${PREFIX}code`]: why.code,
      [`${PREFIX}reason`]: storable(why.reason.slice(0, REASON_CHARACTERS)),
    },
  }
}

export function readDeadLetter({ key, value, headers }: Delivery): DeadLetter {
  const about = (name: string) => headers[`${PREFIX}${name}`] ?? ''
  return {
    origin: {
      topic: about('topic'),
      partition: Number(about('partition')),
      offset: about('offset'),
      timestamp: Number(about('timestamp')),
    },
    consumer: about('consumer'),
    group: about('group'),
    code: about('code'),
    reason: about('reason'),
    key,
    value: value ?? Buffer.alloc(0),
    headers: Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith(PREFIX))),
  }
}

/** The record as it came, for its topic again, as a new attempt of the consumer that could not take it. */
export const redriven = (letter: DeadLetter): EncodedRecord => ({
  topic: letter.origin.topic,
  key: letter.key ?? '',
  value: letter.value,
  headers: {
    ...letter.headers,
    [ATTEMPT_HEADER]: String(Number(letter.headers[ATTEMPT_HEADER] ?? 0) + 1),
    [REDRIVEN_FOR_HEADER]: letter.consumer,
  },
})

export const isFor = (consumer: string, { headers }: Delivery): boolean =>
  (headers[REDRIVEN_FOR_HEADER] ?? consumer) === consumer
