/** Decompression of Kafka batches, each format up to a limit: other producers choose theirs. We publish uncompressed. */
import { createRequire } from 'node:module'
import { promisify } from 'node:util'
import { unzip, zstdDecompress } from 'node:zlib'
import kafkajs from 'kafkajs'

/** Larger than any record our producers may send. */
export const MOST_BYTES = 32 * 1024 * 1024

type Unzip = (bytes: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>

const require = createRequire(import.meta.url)
/** Throws if the text claims to be longer than `most`. */
const snappy = require('snappyjs') as { uncompress(bytes: Buffer, most: number): Buffer }
const lz4 = require('lz4js') as {
  /** the claimed size, or the largest that its blocks can have */
  decompressBound(bytes: Buffer): number
  /** returns the size; drops what does not fit */
  decompressFrame(bytes: Buffer, into: Buffer): number
}

const [gunzip, unzstd] = [promisify(unzip) as Unzip, promisify(zstdDecompress) as Unzip]

/** Java's producers write chunks behind this mark and two version numbers; others write one raw text. */
const CHUNKED = Buffer.from([0x82, ...Buffer.from('SNAPPY'), 0])
const CHUNKS_FROM = CHUNKED.length + 8

export async function unsnappy(bytes: Buffer): Promise<Buffer> {
  if (!bytes.subarray(0, CHUNKED.length).equals(CHUNKED)) return snappy.uncompress(bytes, MOST_BYTES)
  const chunks: Buffer[] = []
  let left = MOST_BYTES
  for (let at = CHUNKS_FROM; at < bytes.length;) {
    const end = at + 4 + bytes.readUInt32BE(at)
    if (end > bytes.length) throw new Error('a chunk of snappy is cut off')
    const chunk = snappy.uncompress(bytes.subarray(at + 4, end), left)
    left -= chunk.length
    chunks.push(chunk)
    at = end
  }
  return Buffer.concat(chunks)
}

export async function unlz4(bytes: Buffer): Promise<Buffer> {
  const bound = lz4.decompressBound(bytes)
  if (bound > MOST_BYTES) throw new Error(`it may decompress to more than ${MOST_BYTES} bytes`)
  const whole = Buffer.alloc(bound)
  const size = lz4.decompressFrame(bytes, whole)
  if (!(size <= bound)) throw new Error('it is longer than it claims')
  return whole.subarray(0, size)
}

const { CompressionTypes } = kafkajs
/** kafkajs declares three of the four. */
const codecs = kafkajs.CompressionCodecs as unknown as Record<number, () => object>
const gzip = codecs[CompressionTypes.GZIP]?.()

/** For every client of kafkajs in this process. */
export function installCodecs(): void {
  codecs[CompressionTypes.GZIP] = () => ({
    ...gzip,
    decompress: (bytes: Buffer) => gunzip(bytes, { maxOutputLength: MOST_BYTES }),
  })
  codecs[CompressionTypes.Snappy] = () => ({ decompress: unsnappy })
  codecs[CompressionTypes.LZ4] = () => ({ decompress: unlz4 })
  codecs[CompressionTypes.ZSTD] = () => ({
    decompress: (bytes: Buffer) => unzstd(bytes, { maxOutputLength: MOST_BYTES }),
  })
}
