/**
 * A log message as words, each a constant or a parameter. What looks like a value is one from the first line on: whatever
 * holds a digit, paths, host names, dates, values behind `=`. Adjacent parameters count as one, so that a date or an
 * address of any shape is one. (Masking before clustering: He et al., Drain, ICWS 2017; the rest of the miner decides
 * about words that only their company shows to be values.)
 */

/** What a message is read to: what lies behind says nothing about its kind. */
const LONGEST = 4_096
const MOST_WORDS = 192

export const PARAMETER = '<*>'

const [SPACE, DIGIT, UPPER, DOT, SLASH, EQUALS, OTHER] = [1, 2, 3, 4, 5, 6, 0]
const kindOf = new Uint8Array(128)
for (const code of [9, 11, 12, 13, 32]) kindOf[code] = SPACE
for (let code = 48; code <= 57; code += 1) kindOf[code] = DIGIT
for (let code = 65; code <= 90; code += 1) kindOf[code] = UPPER
kindOf[46] = DOT
kindOf[47] = SLASH
kindOf[61] = EQUALS

const DATE_WORD =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|UTC|GMT|CES?T|[PMCE][SD]T)$/
const HOST = /^[a-z][a-z-]*(?:\.[a-z][a-z-]*){2,}$/
const ASSIGNED = /^[A-Za-z_.-]+=.*[./@]/
/** Where in the source a line was written: it tells lines apart, though it holds a number. */
const LOCATION = /^[\w$.]*\.[A-Z]\w*#\d+:?$|^[\w$/.-]+\.(?:java|kt|scala|go|py|[jt]s|rb|cs|rs|c|cc|cpp|h):\d+:?$/
const OPENING = '([{"\'<#'
const CLOSING = ')]}"\'>,;:.!?'

/** A word without the punctuation around it, and that punctuation. */
function edges(word: string): { before: string; core: string; after: string } {
  let start = 0
  let end = word.length
  while (start < end && OPENING.includes(word[start]!)) start += 1
  while (end > start && CLOSING.includes(word[end - 1]!)) end -= 1
  return { before: word.slice(0, start), core: word.slice(start, end), after: word.slice(end) }
}

/** One message at a time; the arrays hold what the last `read` found. */
export class Words {
  count = 0
  readonly starts = new Int32Array(MOST_WORDS)
  readonly ends = new Int32Array(MOST_WORDS)
  /** 0 constant; 1 a parameter; above: a parameter behind the `=` at this place of the message, less one */
  readonly kinds = new Int32Array(MOST_WORDS)

  /** Splits the first line of a message, and answers a number of 53 bits that is the same for messages of one pattern. */
  read(message: string): number {
    const length = Math.min(message.length, LONGEST)
    let one = 0x811c9dc5
    let two = 0x9747b28c
    let at = 0
    let afterParameter = false
    this.count = 0
    while (at < length && this.count < MOST_WORDS) {
      let code = message.charCodeAt(at)
      if (code === 10 && this.count > 0) break
      if (code === 10 || (code < 128 && kindOf[code] === SPACE)) {
        at += 1
        continue
      }
      const start = at
      const before = one
      const beforeTwo = two
      let digits = 0
      let dots = 0
      let slashes = 0
      let equals = -1
      let keyDigits = 0
      let oneAtKey = 0
      let twoAtKey = 0
      while (at < length) {
        code = message.charCodeAt(at)
        const kind = code < 128 ? kindOf[code] : OTHER
        if (kind === SPACE || code === 10) break
        one = Math.imul(one ^ code, 0x01000193)
        two = Math.imul(two ^ code, 0x5bd1e995)
        at += 1
        if (kind === OTHER || kind === UPPER) continue
        if (kind === DIGIT) digits += 1
        else if (kind === DOT) dots += 1
        else if (kind === SLASH) slashes += 1
        else if (equals === -1) {
          equals = at - 1
          keyDigits = digits
          oneAtKey = one
          twoAtKey = two
        }
      }
      // most words are letters alone, and long enough to be no date
      const letters = digits === 0 && dots === 0 && slashes === 0 && equals === -1
      const kind =
        letters && at - start > 6
          ? 0
          : classify(message, start, at, { letters, digits, dots, slashes, equals, keyDigits })
      if (kind === 1 && afterParameter) {
        this.ends[this.count - 1] = at
        one = before
        two = beforeTwo
        continue
      }
      if (kind !== 0) {
        one = Math.imul((kind === 1 ? before : oneAtKey) ^ 0x2a, 0x01000193)
        two = Math.imul((kind === 1 ? beforeTwo : twoAtKey) ^ 0x2a, 0x5bd1e995)
      }
      one = Math.imul(one ^ 0x20, 0x01000193)
      two = Math.imul(two ^ 0x20, 0x5bd1e995) ^ (two >>> 15)
      afterParameter = kind === 1
      this.starts[this.count] = start
      this.ends[this.count] = at
      this.kinds[this.count] = kind
      this.count += 1
    }
    return (one >>> 0) * 2_097_152 + ((two ^ (two >>> 13)) & 0x1fffff)
  }

  /** The words as patterns are compared. */
  keys(message: string): string[] {
    return Array.from({ length: this.count }, (_, at) => {
      const kind = this.kinds[at]!
      if (kind === 1) return PARAMETER
      return kind === 0 ? this.text(message, at) : `${message.slice(this.starts[at], kind)}${PARAMETER}`
    })
  }

  /** The same for people: punctuation around a parameter stays. */
  shown(message: string): string[] {
    return this.keys(message).map((key, at) => {
      if (!key.endsWith(PARAMETER)) return key
      const { before, after } = edges(this.text(message, at))
      return key === PARAMETER ? `${before}${PARAMETER}${after}` : `${key}${after}`
    })
  }

  /** What stood where the template has its parameters, in their order. */
  values(message: string, from: number): string {
    const kind = this.kinds[from]!
    return this.text(message, from).slice(kind > 1 ? kind - this.starts[from]! : 0)
  }

  text(message: string, at: number): string {
    return message.slice(this.starts[at], this.ends[at])
  }
}

interface Seen {
  /** none of what follows */
  letters: boolean
  digits: number
  dots: number
  slashes: number
  equals: number
  keyDigits: number
}

function classify(
  message: string,
  start: number,
  end: number,
  { letters, digits, dots, slashes, equals, keyDigits }: Seen,
): number {
  const first = message.charCodeAt(start)
  if (digits > 0) {
    const named = digits < 7 && dots > 0 && ((first > 96 && first < 123) || (first > 64 && first < 91))
    if (named && LOCATION.test(message.slice(start, end))) return 0
    return equals > start && keyDigits === 0 ? equals + 1 : 1
  }
  // `()` is where a value would have been
  if (letters && end - start === 2 && first === 40 && message.charCodeAt(start + 1) === 41) return 1
  if (letters && end - start < 3) return 0
  const { core } = edges(message.slice(start, end))
  if (slashes > 0 && /^\.{0,2}\/./.test(core)) return 1
  if (letters) return DATE_WORD.test(core) ? 1 : 0
  if (equals > start && (dots > 0 || slashes > 0) && ASSIGNED.test(core)) return equals + 1
  return dots > 1 && HOST.test(core) ? 1 : 0
}
