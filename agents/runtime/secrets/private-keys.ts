/** Private keys as blocks of lines: PEM, OpenPGP, SSH2, PuTTY. */
import type { Finder, Span } from './span.ts'

const BEGINS = /-{4,5} ?BEGIN[A-Z0-9 _-]{0,100}PRIVATE KEY(?: BLOCK)? ?-{4,5}/gi
const ENDS = /-{4,5} ?END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)? ?-{4,5}/g
/** Without an end marker the key was cut off: this many characters are masked. */
const KEY_CHARACTERS = 12_000

export const privateKeys: Finder = {
  hints: ['private key'],
  *find(text) {
    for (let begin = next(BEGINS, text, 0), from = 0; begin !== null; begin = next(BEGINS, text, from)) {
      const end = next(ENDS, text, begin.index)
      const nearEnd = end !== null && end.index - begin.index <= KEY_CHARACTERS
      from = nearEnd ? end.index + end[0].length : Math.min(text.length, begin.index + KEY_CHARACTERS)
      yield [begin.index, from] satisfies Span
      if (end === null && from === text.length) return
    }
  },
}

function next(pattern: RegExp, text: string, from: number): RegExpExecArray | null {
  pattern.lastIndex = from
  return pattern.exec(text)
}

/** Whether a private key begins in this text and does not end in it, as when a log has one line of a key per entry. */
export function leavesKeyOpen(text: string): boolean {
  if (!text.includes('PRIVATE KEY')) return false
  BEGINS.lastIndex = 0
  const begin = [...text.matchAll(BEGINS)].at(-1)
  return begin !== undefined && next(ENDS, text, begin.index) === null
}

export const endsKey = (text: string): boolean => text.includes('PRIVATE KEY') && next(ENDS, text, 0) !== null

/** A line inside a key: base64, or a header of an encrypted key. */
export const isOfKey = (text: string): boolean => /^\s{0,20}(?:[A-Za-z0-9+/=]{4,120}|(?:Proc-Type|DEK-Info|Comment|Version): .{1,80})?\s{0,20}$/.test(text) // prettier-ignore
