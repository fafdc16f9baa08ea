/** Large, rarely read text as stored in the database: compressed in this process, which takes load off the server and its WAL. */
import { promisify } from 'node:util'
import { zstdCompress, zstdDecompress } from 'node:zlib'

const [compress, decompress] = [promisify(zstdCompress), promisify(zstdDecompress)]

export const pack = (text: string): Promise<Buffer> => compress(text)

export const unpack = async (packed: Buffer): Promise<string> => (await decompress(packed)).toString('utf8')
