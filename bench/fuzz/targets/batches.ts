/** Kafka batches in every compression: any bytes are either read as records or become one dead letter with the reason, in bounded time and memory. */
import { createRequire } from 'node:module'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { unreadableOf } from '../../../bus/kafka/batches.ts'
import '../../../bus/kafka/headers.ts'
import '../../../bus/kafka/lengths.ts'
import type { Chance } from '../chance.ts'
import type { Target } from '../runner.ts'

interface Input {
  bytes: Buffer
  /** unmodified, so it must be read */
  sound: boolean
}

const load = createRequire(import.meta.url)
const Decoder = load('kafkajs/src/protocol/decoder') as new (bytes: Buffer) => object
const decode = load('kafkajs/src/protocol/recordBatch/v0/decoder') as (decoder: object) => Promise<{ records: object[] }> // prettier-ignore
const snappy = load('snappyjs') as { compress(bytes: Buffer): Buffer }
const lz4 = load('lz4js') as { compress(bytes: Buffer): Uint8Array }

/** By the number in the attributes of a batch. */
const COMPRESSED: readonly ((bytes: Buffer) => Buffer)[] = [
  (bytes) => bytes,
  (bytes) => gzipSync(bytes),
  (bytes) => snappy.compress(bytes),
  (bytes) => Buffer.from(lz4.compress(bytes)),
  (bytes) => zstdCompressSync(bytes),
]
/** With room for empty records and headers. */
const RECORDS_A_BYTE = 1

export function open(): Promise<Target<Input>> {
  return Promise.resolve({
    make(chance) {
      const count = 1 + chance.below(5)
      const sound = chance.one(0.1)
      const records = Buffer.concat(Array.from({ length: count }, (_, at) => record(at, chance)))
      const compression = chance.below(COMPRESSED.length)
      const body = COMPRESSED[compression]!(sound ? records : spoilt(records, chance))
      return { bytes: batch(compression, count, sound || chance.one(0.5) ? body : spoilt(body, chance)), sound }
    },
    async attempt({ bytes, sound }) {
      const { records } = await decode(new Decoder(bytes))
      if (records.length > RECORDS_A_BYTE * bytes.length) throw new Error(`${records.length} records from ${bytes.length} bytes`) // prettier-ignore
      const aside = records.some((one) => unreadableOf(one as never) !== undefined)
      if (sound && aside) throw new Error('an unmodified batch is put aside')
      return aside ? 'put aside' : 'read'
    },
    show: ({ bytes }) => bytes.toString('hex'),
  })
}

/** Key, value and one header, as the protocol has them. */
function record(at: number, chance: Chance): Buffer {
  const value = Buffer.alloc(chance.below(60), 'v')
  const header = [...varint(1), ...varint(3), ...Buffer.from('abc'), ...varint(2), ...Buffer.from('de')]
  const body = Buffer.from([0, 0, ...varint(at), ...varint(2), ...Buffer.from('kk'), ...varint(value.length), ...value, ...header]) // prettier-ignore
  return Buffer.from([...varint(body.length), ...body])
}

function batch(compression: number, count: number, body: Buffer): Buffer {
  const header = Buffer.alloc(61)
  header.writeBigInt64BE(7n, 0)
  header.writeInt32BE(49 + body.length, 8)
  header.writeInt8(2, 16)
  header.writeInt16BE(compression, 21)
  header.writeInt32BE(count - 1, 23)
  header.writeInt32BE(count, 57)
  return Buffer.concat([header, body])
}

/** Zigzag, for small numbers. */
const varint = (number: number): number[] => (number < 64 ? [number * 2] : [((number * 2) % 128) + 128, number >> 6])

/** Single bytes, and runs that make lengths large or negative. */
function spoilt(bytes: Buffer, chance: Chance): Buffer {
  const changed = Buffer.from(bytes)
  for (let times = chance.below(4); times > 0; times--) {
    const at = chance.below(changed.length)
    const run = chance.pick([1, 1, 1, 5, 9])
    const byte = chance.pick([0, 1, 0x7f, 0x80, 0xfe, 0xff, chance.below(256)])
    changed.fill(byte, at, Math.min(changed.length, at + run))
  }
  return changed
}
