/** Large, rarely read data as stored in the database: compressed in this process, which takes load off the server and its WAL. */
import { promisify } from 'node:util'
import { zstdCompress, zstdDecompress } from 'node:zlib'
import pLimit from 'p-limit'

const [compress, decompress] = [promisify(zstdCompress), promisify(zstdDecompress)]

/** Each compression takes about a megabyte until it is done, and a step may have a hundred answers; libuv runs four at a time anyway. */
const turn = pLimit(4)

export const pack = (data: string | Buffer): Promise<Buffer> => turn(compress, data)

export const unpackBytes = (packed: Buffer): Promise<Buffer> => decompress(packed)

export const unpack = async (packed: Buffer): Promise<string> => (await unpackBytes(packed)).toString('utf8')
