/** Position of an error in the input: `line` and `column` from 1; absent: the whole file. */
export interface Place {
  file: string
  line?: number
  column?: number
}

export type RecordingErrorCode = 'missing' | 'exists' | 'unreadable' | 'invalid' | 'too_long'

/** An input that cannot be read, or a recording that cannot be written. The message names the place. */
export class RecordingError extends Error {
  override readonly name = 'RecordingError'
  readonly code: RecordingErrorCode
  readonly place: Place
  readonly reason: string
  constructor(code: RecordingErrorCode, place: Place, reason: string, options?: ErrorOptions) {
    super(`${placeText(place)}: ${reason}`, options)
    this.code = code
    this.place = place
    this.reason = reason
  }
}

/** The error for a file or folder that cannot be read. */
export function unreadable(file: string, error: unknown): RecordingError {
  const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
  const reason = missing ? 'no such file or folder' : (error as Error).message
  return new RecordingError(missing ? 'missing' : 'unreadable', { file }, reason, { cause: error })
}

/** Data that was dropped or changed while reading, reported once per file and reason with the first position and the count. */
export interface Warning {
  place: Place
  reason: string
  count: number
  /** total number of rows, of which `count` were unreadable and left out; absent: no rows were left out */
  unreadOf?: number
}

export const placeText = ({ file, line, column }: Place): string =>
  [file, line, column].filter((part) => part !== undefined).join(':')
