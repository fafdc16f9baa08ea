import { createRequire } from 'node:module'
import { expect, it } from 'vitest'
import { unreadableOf } from '../../bus/kafka/batches.ts'
import '../../bus/kafka/headers.ts'
import '../../bus/kafka/lengths.ts'

interface Decoder {
  buffer: Buffer
  offset: number
}
const load = createRequire(import.meta.url)
const KafkaDecoder = load('kafkajs/src/protocol/decoder') as new (bytes: Buffer) => Decoder
const decode = load('kafkajs/src/protocol/recordBatch/v0/decoder') as (decoder: Decoder) => Promise<{ records: { offset: string }[] }> // prettier-ignore

/** A batch of one record of so many bytes, or one that claims to have more records. */
function batch(firstOffset: bigint, valueBytes: number, claimed = 1): Buffer {
  const body = Buffer.concat([Buffer.from([0, 0, 0, 1, ...varint(valueBytes)]), Buffer.alloc(valueBytes + 1)])
  const record = Buffer.concat([Buffer.from(varint(body.length)), body])
  const header = Buffer.alloc(61)
  header.writeBigInt64BE(firstOffset, 0)
  header.writeInt32BE(49 + record.length, 8)
  header.writeInt8(2, 16)
  header.writeInt32BE(claimed - 1, 23)
  header.writeInt32BE(claimed, 57)
  return Buffer.concat([header, record])
}

/** Zigzag, seven bits a byte. */
function varint(number: number): number[] {
  const bytes = []
  let left = number * 2
  for (; left > 127; left = Math.floor(left / 128)) bytes.push((left % 128) + 128)
  return [...bytes, left]
}

it('reads a batch of too many records as one, at its last offset, with the reason, and the one behind it', async () => {
  const decoder = new KafkaDecoder(Buffer.concat([batch(5n, 10, 60_000), batch(60_005n, 10)]))
  const [one] = (await decode(decoder)).records
  expect(one).toMatchObject({ offset: '60004', value: null, key: null })
  expect(unreadableOf(one as never)?.reason).toBe(
    'the batch at offsets 5 to 60004 cannot be read: it has 60000 records, more than 50000',
  )
  expect((await decode(decoder)).records).toMatchObject([{ offset: '60005' }])
})

it('leaves batches for the next fetch when 8 MB are decoded, and one that was cut off', async () => {
  const large = batch(0n, 5_000_000)
  const decoder = new KafkaDecoder(Buffer.concat([large, large, batch(2n, 10)]))
  await decode(decoder)
  await decode(decoder)
  await expect(decode(decoder)).rejects.toMatchObject({ name: 'KafkaJSPartialMessageError' })
  const cut = new KafkaDecoder(large.subarray(0, 1000))
  await expect(decode(cut)).rejects.toMatchObject({ name: 'KafkaJSPartialMessageError' })
})

it('dead-letters a record that claims two billion headers, of which one has a negative length', async () => {
  const bytes = batch(0n, 12)
  // the value becomes empty, and is followed by the count and a header that is three bytes back
  Buffer.from([0, 0xfe, 0xff, 0xff, 0xff, 0x0f, 0, 7]).copy(bytes, bytes.length - 14)
  const [one] = (await decode(new KafkaDecoder(bytes))).records
  expect(unreadableOf(one as never)?.reason).toMatch(/a length exceeds its record$/)
})
