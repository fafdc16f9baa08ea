/** Counts the rows of one file. Unreadable rows do not stop the analysis: they are counted, and the first one is reported. */
import { basename } from 'node:path'
import { placeText, RecordingError, type Warning } from './recording-error.ts'
import type { Text } from '../analysis/verdict.ts'

export class Rows {
  readonly #strict: boolean
  #taken = 0
  #left = 0
  #first: RecordingError | null = null

  constructor(strict: boolean) {
    this.#strict = strict
  }

  took(count: number): void {
    this.#taken += count
  }

  /** Counts an unreadable row. Rethrows other errors and, in strict mode, all errors. */
  leaveOut(error: unknown): void {
    if (this.#strict || !(error instanceof RecordingError) || error.code !== 'invalid') throw error
    this.#left += 1
    this.#first ??= error
  }

  /** Call at the end of the file: throws the first row's error if no row could be read. */
  refuseIfNone(): void {
    if (this.#first !== null && this.#taken === 0) throw this.#first
  }

  /** null: every row was readable. */
  warning(): Warning | null {
    if (this.#first === null) return null
    const { place, reason } = this.#first
    return { place, reason, count: this.#left, unreadOf: this.#left + this.#taken }
  }
}

/** The message about unreadable rows. */
export function unreadText({ place, reason, count, unreadOf = count }: Warning): Text {
  const where = placeText({ ...place, file: basename(place.file) })
  return {
    en: `${count} of ${unreadOf} rows could not be read and ${count === 1 ? 'was' : 'were'} left out${count === 1 ? '' : '; the first'}: ${where}: ${reason}`,
    zh: `${unreadOf} 列中有 ${count} 列無法讀取，未納入分析${count === 1 ? '' : '；第一列'}：${where}：${reason}`,
  }
}
