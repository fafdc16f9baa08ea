/** Where an input was wrong: `line` and `column` count from 1; absent where the whole file is meant. */
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

/** A file or folder the system does not give, in words for whoever named it. */
export function unreadable(file: string, error: unknown): RecordingError {
  const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
  const reason = missing ? 'no such file or folder' : (error as Error).message
  return new RecordingError(missing ? 'missing' : 'unreadable', { file }, reason, { cause: error })
}

/** Something that was read in a documented, lossy way, told once a file and kind with the first place and the number. */
export interface Warning {
  place: Place
  reason: string
  count: number
  /** of how many rows `count` could not be read and were left out; absent where nothing was left out */
  unreadOf?: number
}

export const placeText = ({ file, line, column }: Place): string =>
  [file, line, column].filter((part) => part !== undefined).join(':')
