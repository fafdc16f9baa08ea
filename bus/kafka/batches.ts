/**
 * Patches kafkajs, which is no longer maintained: it decompresses batches without a limit (1 MB of gzip may become 1 GB), passes all records
 * as arguments on the stack, and retries an unreadable batch forever. With the patch, decompression is limited, and an unreadable batch
 * becomes a single record at its last offset with the reason, so that the partition continues after it.
 */
import { createHash } from 'node:crypto'
import { createRequire } from 'node:module'
import type { KafkaMessage } from 'kafkajs'
import { messageOf } from '../bus.ts'
import { installCodecs, MOST_BYTES } from './codecs.ts'

/** More records would overflow the stack in kafkajs. */
const MOST_RECORDS = 50_000
/** Maximum bytes decoded per partition and fetch; later batches are fetched again. */
const AT_ONCE_BYTES = 8 * 1024 * 1024
/** Memory overhead per record. */
const RECORD_BYTES = 200

interface Decoder {
  buffer: Buffer
  offset: number
}
interface Batch {
  records: { value: Buffer | null }[]
}

const require = createRequire(import.meta.url)
const place = require.resolve('kafkajs/src/protocol/recordBatch/v0/decoder')
const decode = require(place) as (decoder: Decoder) => Promise<Batch>
const { KafkaJSPartialMessageError: Partial } = require('kafkajs/src/errors') as { KafkaJSPartialMessageError: new (message: string) => Error } // prettier-ignore

installCodecs()

/** An unreadable batch. */
export interface Unreadable {
  reason: string
  bytes: number
  sha256: string
}
const unreadable = new WeakMap<object, Unreadable>()
/** The unreadable batch that a record stands for; undefined: an ordinary record. */
export const unreadableOf = (message: KafkaMessage): Unreadable | undefined => unreadable.get(message)

/** Bytes so far, by the decoder of all that was fetched of a partition. */
const decoded = new WeakMap<Decoder, number>()

require.cache[place]!.exports = async (decoder: Decoder): Promise<Batch> => {
  const before = decoded.get(decoder) ?? 0
  if (before > AT_ONCE_BYTES) throw new Partial('enough was decoded of this partition for now')
  const rest = decoder.buffer.subarray(decoder.offset)
  // a fetch often ends with a partial batch
  if (rest.length < lengthOf(rest)) throw new Partial('the batch goes on')
  const bytes = rest.subarray(0, lengthOf(rest))
  const batch = await readable(decoder, bytes).catch((error: unknown) => standIn(bytes, error))
  decoded.set(
    decoder,
    batch.records.reduce((sum, { value }) => sum + RECORD_BYTES + (value?.length ?? 0), before),
  )
  return batch
}

async function readable(decoder: Decoder, bytes: Buffer): Promise<Batch> {
  const { records } = headerOf(bytes)
  if (records <= MOST_RECORDS) return decode(decoder)
  decoder.offset += lengthOf(bytes)
  throw new Error(`it has ${records} records, more than ${MOST_RECORDS}`)
}

const lengthOf = (bytes: Buffer): number => 12 + bytes.readInt32BE(8)

/** The protocol's layout: https://kafka.apache.org/documentation/#recordbatch */
const headerOf = (bytes: Buffer) => ({
  firstOffset: bytes.readBigInt64BE(0),
  attributes: bytes.readInt16BE(21),
  lastOffsetDelta: bytes.readInt32BE(23),
  timestamp: bytes.readBigInt64BE(35),
  producerId: bytes.readBigInt64BE(43),
  records: bytes.readInt32BE(57),
})

function standIn(bytes: Buffer, error: unknown): Batch {
  const { firstOffset, attributes, lastOffsetDelta, timestamp, producerId } = headerOf(bytes)
  const last = firstOffset + BigInt(lastOffsetDelta)
  const [inTransaction, isControlBatch] = [(attributes & 0x10) > 0, (attributes & 0x20) > 0]
  const record = {
    ...{ magicByte: 2, attributes: 0, key: null, value: null, headers: {} },
    ...{ timestamp: String(timestamp), offset: String(last), isControlRecord: isControlBatch },
    batchContext: { firstOffset: String(firstOffset), inTransaction, isControlBatch, producerId: String(producerId) },
  }
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const why = Object(error).code === 'ERR_BUFFER_TOO_LARGE' ? `it decompresses to more than ${MOST_BYTES} bytes` : messageOf(error) // prettier-ignore
  const reason = `the batch at offsets ${firstOffset} to ${last} cannot be read: ${why}`
  unreadable.set(record, { reason, bytes: bytes.length, sha256 })
  return { records: [record] }
}
