/** Text as it is kept in the database when it is large and read rarely: compressed here, which takes load off the server and its log. */
import { promisify } from 'node:util'
import { zstdCompress, zstdDecompress } from 'node:zlib'

const [compress, decompress] = [promisify(zstdCompress), promisify(zstdDecompress)]

export const pack = (text: string): Promise<Buffer> => compress(text)

export const unpack = async (packed: Buffer): Promise<string> => (await decompress(packed)).toString('utf8')
