/** Large, rarely read text as stored in the database: compressed in this process, which takes load off the server and its WAL. */
import { promisify } from 'node:util'
import { zstdCompress, zstdDecompress } from 'node:zlib'
import pLimit from 'p-limit'

const [compress, decompress] = [promisify(zstdCompress), promisify(zstdDecompress)]

/** Each compression takes about a megabyte until it is done, and a step may have a hundred answers; libuv runs four at a time anyway. */
const turn = pLimit(4)

export const pack = (text: string): Promise<Buffer> => turn(compress, text)

export const unpack = async (packed: Buffer): Promise<string> => (await decompress(packed)).toString('utf8')
