/** Dead letters: a record that could not be handled, kept with its bytes, key, headers, offset and the reason. */
import { deadLetterTopicName } from '../schemas/contract.ts'
import { BusError, type Delivery, type EncodedRecord, type RawParts } from './bus.ts'
import {
  ownHeaders,
  PREFIX,
  rawHeaders,
  readRaw,
  readShortened,
  shortenedHeaders,
  theirHeaders,
} from './letter-headers.ts'
import { BEGINNING, shorten } from './shorten.ts'
import { sizeOf } from './size.ts'
import { storable } from './storable.ts'

/** Number of redrives: absent on the first delivery, `1` on the first redrive. */
export const ATTEMPT_HEADER = 'sre_attempt'
/** The consumer a redrive is for; the others have already handled the record and skip it. */
const REDRIVEN_FOR_HEADER = 'sre_redriven_for'
/** Longer reasons are cut. */
const REASON_CHARACTERS = 8_000
const CODE_CHARACTERS = 100
/** Larger records are truncated. Stays below `max.message.bytes` of the dead-letter topics, with room for record overhead. */
const LETTER_BYTES = 1_900_000
const HEADER_BYTES = 12

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
  /** headers of the original record */
  headers: Readonly<Record<string, string>>
  /** original key and headers, if text cannot represent them */
  raw: RawParts
  /** truncated parts; a truncated letter cannot be redriven */
  shortened: NonNullable<Delivery['shortened']>
}

/** The record for the dead-letter topic, truncated if it would exceed the topic's size limit. */
export function deadLetterRecord(delivery: Delivery, why: DeadLetterReason): EncodedRecord {
  const whole = letterRecord(delivery, why)
  const bytes = sizeOf(whole) + Object.keys(whole.headers).length * HEADER_BYTES
  return bytes <= LETTER_BYTES ? whole : letterRecord(shorten(delivery, BEGINNING), why)
}

export function letterRecord(delivery: Delivery, why: DeadLetterReason): EncodedRecord {
  const { origin } = delivery
  return {
    topic: deadLetterTopicName(origin.topic, why.consumer),
    key: delivery.key ?? '',
    value: delivery.value ?? Buffer.alloc(0),
    headers: {
      ...theirHeaders(delivery.headers),
      ...rawHeaders(delivery),
      ...shortenedHeaders(delivery),
      [`${PREFIX}topic`]: origin.topic,
      [`${PREFIX}partition`]: String(origin.partition),
      [`${PREFIX}offset`]: origin.offset,
      [`${PREFIX}timestamp`]: String(origin.timestamp),
      [`${PREFIX}consumer`]: why.consumer,
      [`${PREFIX}group`]: why.group,
      [`${PREFIX}code`]: storable(why.code.slice(0, CODE_CHARACTERS)),
      [`${PREFIX}reason`]: storable(why.reason.slice(0, REASON_CHARACTERS)),
    },
  }
}

export function readDeadLetter({ key, value, headers }: Delivery): DeadLetter {
  const raw = readRaw(headers)
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
    key: raw.key === null ? null : key,
    raw,
    value: value ?? Buffer.alloc(0),
    headers: ownHeaders(headers),
    shortened: readShortened(about),
  }
}

export const isWhole = ({ shortened }: DeadLetter): boolean => Object.keys(shortened).length === 0

/** The original record, to be published again as a new attempt for the consumer that failed. Throws `too_large` if it was truncated. */
export function redriven(letter: DeadLetter): EncodedRecord {
  const { origin, key, value, raw, headers, consumer } = letter
  if (!isWhole(letter)) throw new BusError('too_large', `the record at ${origin.topic}/${origin.partition}/${origin.offset} was stored truncated: its original bytes are incomplete`) // prettier-ignore
  const own = {
    [ATTEMPT_HEADER]: String(Number(headers[ATTEMPT_HEADER] ?? 0) + 1),
    [REDRIVEN_FOR_HEADER]: consumer,
  }
  const bytes = Object.entries(raw.headers ?? {}).filter(([name]) => !(name in own))
  return {
    topic: origin.topic,
    key: key ?? '',
    value,
    headers: { ...headers, ...own },
    raw: { ...raw, headers: Object.fromEntries(bytes) },
  }
}

export const isFor = (consumer: string, { headers }: Delivery): boolean =>
  (headers[REDRIVEN_FOR_HEADER] ?? consumer) === consumer
