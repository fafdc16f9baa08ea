/** Snappy and LZ4 as other producers write them; real ones are read in kafka.test.ts. */
import { createRequire } from 'node:module'
import { expect, it } from 'vitest'
import fc from '../properties/seeded.ts'
import { MOST_BYTES, unlz4, unsnappy } from '../../bus/kafka/codecs.ts'

const require = createRequire(import.meta.url)
const snappy = require('snappyjs') as { compress(bytes: Buffer): Buffer }
const lz4 = require('lz4js') as { compress(bytes: Buffer): Uint8Array }

const text = Buffer.from('the quick brown fox '.repeat(5000))
const mark = Buffer.from([0x82, ...Buffer.from('SNAPPY'), 0, 0, 0, 0, 1, 0, 0, 0, 1])
const chunk = (bytes: Buffer): Buffer => {
  const compressed = snappy.compress(bytes)
  const size = Buffer.alloc(4)
  size.writeUInt32BE(compressed.length)
  return Buffer.concat([size, compressed])
}

it('reads raw snappy, and the chunks that Java writes', async () => {
  expect(await unsnappy(snappy.compress(text))).toEqual(text)
  const chunked = Buffer.concat([mark, chunk(text.subarray(0, 32_768)), chunk(text.subarray(32_768))])
  expect(await unsnappy(chunked)).toEqual(text)
})

it('refuses snappy that is too large as a whole, that claims to be, or that is truncated', async () => {
  const tooLarge = Buffer.concat([mark, ...Array.from({ length: 9 }, () => chunk(Buffer.alloc(4 * 1024 * 1024)))])
  await expect(unsnappy(tooLarge)).rejects.toThrow('too big')
  await expect(unsnappy(Buffer.from([0xff, 0xff, 0xff, 0x7f, 0, 1]))).rejects.toThrow('too big')
  await expect(unsnappy(Buffer.concat([mark, chunk(text)]).subarray(0, -5))).rejects.toThrow('truncated')
})

it('reads LZ4 frames, and refuses those that are or claim to be too large', async () => {
  expect(await unlz4(Buffer.from(lz4.compress(text)))).toEqual(text)
  await expect(unlz4(Buffer.from(lz4.compress(Buffer.alloc(MOST_BYTES + 1))))).rejects.toThrow('more than 33554432')
  await expect(unlz4(Buffer.from('not a frame'))).rejects.toThrow('magic')
})

/** Magic number, flags, largest block, and their checksum. */
const frame = (flags: number, ...rest: number[]) => Buffer.from([4, 0x22, 0x4d, 0x18, 0x40 | flags, 0x70, 0, ...rest])

it.each<[string, (bytes: Buffer) => Promise<Buffer>, Buffer]>([
  ['a literal of snappy of more than 2 GB', unsnappy, Buffer.from([10, 0xfc, 0, 0, 0, 0x80, 1, 2, 3, 4, 5, 6])],
  ['the same in a chunk', unsnappy, Buffer.concat([mark, Buffer.from([0, 0, 0, 9, 10, 0xfc, 0, 0, 0, 0x80, 1, 2, 3])])],
  ['a literal of snappy without its size', unsnappy, Buffer.from([10, 0xfc, 0])],
  ['a block of LZ4 of 2 GB', unlz4, frame(0, 0xff, 0xff, 0xff, 0x7f, 1, 2)],
  ['an uncompressed block of LZ4 of 2 GB', unlz4, frame(8, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 1, 2)],
  ['LZ4 without an end', unlz4, frame(0, 2, 0, 0, 0, 0x10, 0x61)],
])('refuses %s at once', async (_what, read, bytes) => {
  await expect(read(bytes)).rejects.toThrow(/is truncated|may decompress to more/)
})

it('reads or refuses any change to what is valid, in bounded time', async () => {
  const valid = [snappy.compress(text), chunk(text), Buffer.from(lz4.compress(text)), frame(0x18, ...Buffer.alloc(20))]
  const change = fc.tuple(fc.nat(400), fc.integer({ min: 0, max: 255 }))
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...valid),
      fc.array(change, { minLength: 1, maxLength: 6 }),
      async (good, changes) => {
        const bytes = Buffer.from(good)
        for (const [at, byte] of changes) bytes[at % bytes.length] = byte
        for (const read of [unsnappy, unlz4]) {
          const size = await read(bytes).then((whole) => whole.length, () => 0) // prettier-ignore
          expect(size).toBeLessThanOrEqual(MOST_BYTES)
        }
      },
    ),
    { numRuns: 2_000 },
  )
})
