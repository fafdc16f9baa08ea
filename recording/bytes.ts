/** Reads and decompresses a file, with size limits, and only regular files. */
import { constants, type Stats } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { createGunzip } from 'node:zlib'
import { FILE_LIMITS, type FileLimits } from './limits.ts'
import { RecordingError, unreadable } from './recording-error.ts'

const CHUNK = 256 * 1024

/** File descriptors passed to this process, as in `… | sre analyze logs /dev/stdin` or `<(…)`; these have a writer. */
const GIVEN = /^\/(?:dev\/(?:stdin|fd\/\d+)|proc\/self\/fd\/\d+)$/

/**
 * The bytes from offset `start`; files named `.gz` are decompressed. Throws `RecordingError`: `missing`, `unreadable` (not a file, or
 * damaged), `invalid` (not UTF-8, by its first bytes), `too_long`.
 */
export async function* bytesOf(file: string, start = 0, limits: FileLimits = FILE_LIMITS): AsyncGenerator<Buffer> {
  const handle = await opened(file)
  // pipes are not seekable
  const raw = handle.createReadStream({ ...(start === 0 ? {} : { start }), highWaterMark: CHUNK })
  const unpack = file.endsWith('.gz') ? createGunzip() : null
  if (unpack !== null) {
    raw.pipe(unpack)
    raw.on('error', (error) => unpack.destroy(error))
  }
  let bytes = 0
  try {
    for await (const chunk of (unpack ?? raw) as AsyncIterable<Buffer>) {
      if (bytes === 0 && start === 0) refuseOthers(chunk, file)
      bytes += chunk.length
      if (bytes > limits.bytes) throw new RecordingError('too_long', { file }, `more than ${limits.bytes} bytes`)
      if (unpack !== null) refuseBomb(bytes, raw.bytesRead, file, limits)
      yield chunk
    }
  } catch (error) {
    throw error instanceof RecordingError ? error : unreadable(file, error)
  } finally {
    raw.destroy()
    unpack?.destroy()
  }
}

/** Opens regular files and passed descriptors only: opening another pipe would wait for a writer, and a device may never end. */
async function opened(file: string): Promise<FileHandle> {
  const given = GIVEN.test(file)
  try {
    const handle = await open(file, constants.O_RDONLY | (given ? 0 : constants.O_NONBLOCK))
    const stats = await handle.stat()
    if (stats.isFile() || (given && stats.isFIFO())) return handle
    await handle.close()
    throw new RecordingError('unreadable', { file }, `is ${kindOf(stats)}, not a file`)
  } catch (error) {
    throw error instanceof RecordingError ? error : unreadable(file, error)
  }
}

const kindOf = (stats: Stats): string =>
  stats.isDirectory() ? 'a folder' : stats.isFIFO() ? 'a pipe' : stats.isSocket() ? 'a socket' : 'a device'

/** Recognises UTF-16 and gzip by their first bytes, which would otherwise be reported as an error in line 1. */
function refuseOthers(first: Buffer, file: string): void {
  const begins = first.subarray(0, 2).toString('hex')
  const what = begins === 'fffe' || begins === 'feff' ? 'UTF-16: write UTF-8' : begins === '1f8b' ? 'packed' : null
  if (what === null) return
  const reason =
    what !== 'packed' ? what : file.endsWith('.gz') ? 'compressed twice' : 'gzip-compressed: rename it to end with .gz'
  throw new RecordingError('invalid', { file, line: 1, column: 1 }, reason)
}

function refuseBomb(bytes: number, packed: number, file: string, { packedFree, packedRatio }: FileLimits): void {
  if (bytes <= packedFree || bytes <= packed * packedRatio) return
  throw new RecordingError('too_long', { file }, `decompresses to more than ${packedRatio} times its size`)
}
