/** Lines of a file as they stream by, in batches: bounded memory however large the file, however it was packed. */
import { isUtf8 } from 'node:buffer'
import { createReadStream } from 'node:fs'
import { createGunzip } from 'node:zlib'
import { RecordingError, unreadable, type Warnings } from './recording-error.ts'

/** A line longer than this is an error: it is not a line. */
export const LONGEST_LINE = 16 * 1024 * 1024

export interface LineBatch {
  /** number of the first line, from 1 */
  first: number
  lines: string[]
  /** bytes of the (unpacked) file behind these lines, line ends included */
  bytes: number
}

export interface LineOptions {
  file: string
  warnings: Warnings
  /** where to begin, and the number of the line there */
  from?: { byte: number; line: number }
  /** false: a last line without its line end is still being written, and left out */
  takeUnended?: boolean
}

/**
 * LF and CRLF; a byte order mark at the start is dropped; invalid UTF-8 is replaced by U+FFFD and warned of.
 * Throws `RecordingError` (`unreadable`, `too_long`).
 */
export async function* readLines(options: LineOptions): AsyncGenerator<LineBatch> {
  const { file, from = { byte: 0, line: 1 }, takeUnended = true } = options
  let line = from.line
  let carry: Buffer[] = []
  let carried = 0
  for await (const chunk of bytesOf(file, from.byte)) {
    const end = chunk.lastIndexOf(10)
    if (end === -1) {
      carry.push(chunk)
      carried += chunk.length
      if (carried > LONGEST_LINE) throw new RecordingError('too_long', { file, line }, 'the line does not end')
      continue
    }
    const whole = Buffer.concat([...carry, chunk.subarray(0, end + 1)])
    carry = [chunk.subarray(end + 1)]
    carried = chunk.length - end - 1
    const batch = decode(whole, line, options)
    yield batch
    line += batch.lines.length
  }
  if (takeUnended && carried > 0) yield decode(Buffer.concat(carry), line, options)
}

async function* bytesOf(file: string, start: number): AsyncGenerator<Buffer> {
  // a pipe has no places to read from
  const raw = createReadStream(file, { ...(start === 0 ? {} : { start }), highWaterMark: 256 * 1024 })
  const unpack = file.endsWith('.gz') ? createGunzip() : null
  const source = unpack === null ? raw : raw.pipe(unpack)
  if (unpack !== null) raw.on('error', (error) => unpack.destroy(error))
  try {
    yield* source as AsyncIterable<Buffer>
  } catch (error) {
    throw unreadable(file, error)
  } finally {
    raw.destroy()
  }
}

function decode(bytes: Buffer, first: number, { file, warnings }: LineOptions): LineBatch {
  if (!isUtf8(bytes)) warnInvalid(bytes, first, file, warnings)
  const text = bytes.toString('utf8')
  const lines = (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n')
  if (first === 1 && lines[0]?.startsWith('\uFEFF')) lines[0] = lines[0].slice(1)
  if (bytes.includes(13))
    for (const [at, line] of lines.entries()) if (line.endsWith('\r')) lines[at] = line.slice(0, -1)
  return { first, lines, bytes: bytes.length }
}

function warnInvalid(bytes: Buffer, first: number, file: string, warnings: Warnings): void {
  let line = first
  for (let at = 0; at < bytes.length; line += 1) {
    const end = bytes.indexOf(10, at)
    const one = bytes.subarray(at, end === -1 ? bytes.length : end)
    if (!isUtf8(one)) {
      const column = one.toString('utf8').indexOf('\uFFFD') + 1
      warnings.add({ file, line, column }, 'invalid UTF-8, replaced by U+FFFD')
    }
    at += one.length + 1
  }
}
