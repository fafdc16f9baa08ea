/** Snappy and LZ4 as other producers write them; real ones are read in kafka.test.ts. */
import { createRequire } from 'node:module'
import { expect, it } from 'vitest'
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

it('refuses snappy that is too large as a whole, that claims to be, or that is cut off', async () => {
  const tooLarge = Buffer.concat([mark, ...Array.from({ length: 9 }, () => chunk(Buffer.alloc(4 * 1024 * 1024)))])
  await expect(unsnappy(tooLarge)).rejects.toThrow('too big')
  await expect(unsnappy(Buffer.from([0xff, 0xff, 0xff, 0x7f, 0]))).rejects.toThrow('too big')
  await expect(unsnappy(Buffer.concat([mark, chunk(text)]).subarray(0, -5))).rejects.toThrow('cut off')
})

it('reads LZ4 frames, and refuses those that are or claim to be too large', async () => {
  expect(await unlz4(Buffer.from(lz4.compress(text)))).toEqual(text)
  await expect(unlz4(Buffer.from(lz4.compress(Buffer.alloc(MOST_BYTES + 1))))).rejects.toThrow('more than 33554432')
  await expect(unlz4(Buffer.from('not a frame'))).rejects.toThrow('magic')
})
