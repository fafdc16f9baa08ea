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
}

export const placeText = ({ file, line, column }: Place): string =>
  [file, line, column].filter((part) => part !== undefined).join(':')

/** Counts what was treated in a documented way, so that a million bad rows are one sentence: a reason is a kind, and names no row. */
export class Warnings {
  readonly #seen = new Map<string, Warning>()

  /** The first place in the file is kept, in whatever order they come. */
  add(place: Place, reason: string, count = 1): void {
    const key = `${place.file}\0${reason}`
    const before = this.#seen.get(key)
    if (before === undefined) {
      this.#seen.set(key, { place, reason, count })
      return
    }
    before.count += count
    if (place.line !== undefined && before.place.line !== undefined && place.line < before.place.line)
      before.place = place
  }

  list(): Warning[] {
    return [...this.#seen.values()].map((warning) => ({ ...warning }))
  }
}
