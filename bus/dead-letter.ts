/** What could not be taken is kept: its bytes, key and headers, where it lay, and why. */
import { deadLetterTopicName } from '../schemas/contract.ts'
import type { Delivery, EncodedRecord, RawParts } from './bus.ts'
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
  /** key and headers as they came, where text does not say it */
  raw: RawParts
}

export function deadLetterRecord(delivery: Delivery, why: DeadLetterReason): EncodedRecord {
  const { origin } = delivery
  return {
    topic: deadLetterTopicName(origin.topic, why.consumer),
    key: delivery.key ?? '',
    value: delivery.value ?? Buffer.alloc(0),
    headers: {
      ...delivery.headers,
      ...rawHeaders(delivery),
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

/** Bytes go as base64. */
function rawHeaders({ key, raw }: Delivery): Record<string, string> {
  const headers = Object.entries(raw?.headers ?? {})
  const encoded = headers.map(([name, values]) => [name, values.map((value) => value.toString('base64'))])
  return {
    ...(key === null ? { [`${PREFIX}no_key`]: 'true' } : {}),
    ...(raw?.key === undefined || raw.key === null ? {} : { [`${PREFIX}key`]: raw.key.toString('base64') }),
    ...(headers.length === 0 ? {} : { [`${PREFIX}headers`]: JSON.stringify(Object.fromEntries(encoded)) }),
  }
}

function readRaw(headers: Delivery['headers']): RawParts {
  const key = headers[`${PREFIX}key`]
  const encoded = headers[`${PREFIX}headers`]
  if (headers[`${PREFIX}no_key`] !== undefined) return { key: null, ...rawOf(encoded) }
  return { ...(key === undefined ? {} : { key: Buffer.from(key, 'base64') }), ...rawOf(encoded) }
}

function rawOf(encoded: string | undefined): Pick<RawParts, 'headers'> {
  if (encoded === undefined) return {}
  const values = Object.entries(JSON.parse(encoded) as Record<string, string[]>)
  return {
    headers: Object.fromEntries(values.map(([name, all]) => [name, all.map((one) => Buffer.from(one, 'base64'))])),
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
    headers: Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith(PREFIX))),
  }
}

/** The record as it came, for its topic again, as a new attempt of the consumer that could not take it. */
export function redriven({ origin, key, value, raw, headers, consumer }: DeadLetter): EncodedRecord {
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
