/** Streams the lines of a file in batches, in bounded memory. */
import { isUtf8 } from 'node:buffer'
import { bytesOf } from './bytes.ts'
import { FILE_LIMITS, type FileLimits } from './limits.ts'
import { RecordingError } from './recording-error.ts'
import type { Warnings } from './warnings.ts'

export interface LineBatch {
  /** number of the first line, from 1 */
  first: number
  lines: string[]
  /** decompressed bytes of these lines, including line ends */
  bytes: number
}

export interface LineOptions {
  file: string
  warnings: Warnings
  /** start offset, and the line number there */
  from?: { byte: number; line: number }
  /** false: leave out a last line without a line end, as it is still being written */
  takeUnended?: boolean
  /** reading beyond these is an error */
  limits?: FileLimits
}

/**
 * Accepts LF and CRLF; drops a byte order mark; replaces invalid UTF-8 by U+FFFD, with a warning.
 * Throws `RecordingError` as `bytesOf` does, and `too_long` for lines that are too long or too many.
 */
export async function* readLines(options: LineOptions): AsyncGenerator<LineBatch> {
  const { file, from = { byte: 0, line: 1 }, takeUnended = true, limits = FILE_LIMITS } = options
  let line = from.line
  let carry: Buffer[] = []
  let carried = 0
  for await (const chunk of placed(bytesOf(file, from.byte, limits), () => line)) {
    const end = chunk.lastIndexOf(10)
    if (end === -1) {
      carry.push(chunk)
      carried += chunk.length
      if (carried > limits.lineBytes) throw new RecordingError('too_long', { file, line }, 'the line does not end')
      continue
    }
    const whole = Buffer.concat([...carry, chunk.subarray(0, end + 1)])
    carry = [chunk.subarray(end + 1)]
    carried = chunk.length - end - 1
    const batch = decode(whole, line, options)
    yield batch
    line += batch.lines.length
    if (line > limits.lines) throw new RecordingError('too_long', { file, line }, `more than ${limits.lines} lines`)
  }
  if (takeUnended && carried > 0) yield decode(Buffer.concat(carry), line, options)
}

/** Adds the line number to `too_long` errors. */
async function* placed(bytes: AsyncIterable<Buffer>, lineNow: () => number): AsyncGenerator<Buffer> {
  try {
    yield* bytes
  } catch (error) {
    if (!(error instanceof RecordingError) || error.code !== 'too_long') throw error
    throw new RecordingError(error.code, { ...error.place, line: lineNow() }, error.reason)
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
