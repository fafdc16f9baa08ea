import type { Place, Warning } from './recording-error.ts'
import { Rows } from './rows.ts'

/** Counts input that was handled in a documented, lossy way, so a million bad rows give one sentence: a reason names a kind, never a row. */
export class Warnings {
  readonly #strict: boolean
  readonly #seen = new Map<string, Warning>()
  readonly #rows = new Map<string, Rows>()

  /** `strict`: the first row that cannot be read refuses its file. */
  constructor({ strict = false }: { strict?: boolean } = {}) {
    this.#strict = strict
  }

  /** The same for each call about one file. */
  rows(file: string): Rows {
    const known = this.#rows.get(file) ?? new Rows(this.#strict)
    this.#rows.set(file, known)
    return known
  }

  /** Those of a file that is read whole each time: what was told of it before is told no more. */
  anew(file: string): Rows {
    this.#rows.delete(file)
    return this.rows(file)
  }

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

  /** What was left out first. */
  list(): Warning[] {
    const unread = [...this.#rows.values()].flatMap((rows) => rows.warning() ?? [])
    return [...unread, ...[...this.#seen.values()].map((warning) => ({ ...warning }))]
  }
}
