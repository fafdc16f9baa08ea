import type { Place, Warning } from './recording-error.ts'
import { Rows } from './rows.ts'

/** Collects warnings by file and reason, so that a million bad rows give one message; a reason must not contain details of a row. */
export class Warnings {
  readonly #strict: boolean
  readonly #seen = new Map<string, Warning>()
  readonly #rows = new Map<string, Rows>()

  /** `strict`: an unreadable row is an error. */
  constructor({ strict = false }: { strict?: boolean } = {}) {
    this.#strict = strict
  }

  /** The row counter of a file; the same object for each call. */
  rows(file: string): Rows {
    const known = this.#rows.get(file) ?? new Rows(this.#strict)
    this.#rows.set(file, known)
    return known
  }

  /** A new row counter, for a file that is read again from the start; drops its earlier warnings. */
  anew(file: string): Rows {
    this.#rows.delete(file)
    return this.rows(file)
  }

  /** Keeps the first position in the file, in whatever order warnings arrive. */
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

  /** All warnings, unreadable rows first. */
  list(): Warning[] {
    const unread = [...this.#rows.values()].flatMap((rows) => rows.warning() ?? [])
    return [...unread, ...[...this.#seen.values()].map((warning) => ({ ...warning }))]
  }
}
