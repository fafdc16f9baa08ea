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

/** What a character tells of its word, as bits; letters and other signs tell nothing. */
const [UPPER, DIGIT, DOT, SLASH, EQUALS, SPACE] = [1, 2, 4, 8, 16, 32]
const tells = new Uint8Array(0x10000)
for (const code of [9, 10, 11, 12, 13, 32]) tells[code] = SPACE
for (let code = 48; code <= 57; code += 1) tells[code] = DIGIT
for (let code = 65; code <= 90; code += 1) tells[code] = UPPER
tells[46] = DOT
tells[47] = SLASH
tells[61] = EQUALS
const NEWLINE = 10

const WORD = 0x811c9dc5
const PRIME = 0x01000193
/** No word has this hash by more than chance. */
const ANYTHING = 0x2a

const DATE_WORD =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|UTC|GMT|CES?T|[PMCE][SD]T)$/
/** With the punctuation around it. */
const LONGEST_DATE = 6
const HOST = /^[a-z][a-z-]*(?:\.[a-z][a-z-]*){2,}$/
const ASSIGNED = /^[A-Za-z_.-]+=.*[./]/
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
    let [one, two] = [WORD, 0x9747b28c]
    let [at, count, afterParameter] = [0, 0, false]
    while (at < length && count < MOST_WORDS) {
      const first = message.charCodeAt(at)
      if (first === NEWLINE && count > 0) break
      if (tells[first] === SPACE) {
        at += 1
        continue
      }
      const start = at
      let [hash, seen] = [WORD, 0]
      for (; at < length; at += 1) {
        const code = message.charCodeAt(at)
        const telling = tells[code]!
        if (telling === SPACE) break
        hash = Math.imul(hash ^ code, PRIME)
        seen |= telling
      }
      // most words are small letters alone
      const kind = seen === 0 && at - start > 2 ? 0 : classify(message, start, at, seen)
      if (kind === 1 && afterParameter) {
        this.ends[count - 1] = at
        continue
      }
      if (kind !== 0) hash = kind === 1 ? ANYTHING : ~hashOf(message, start, kind)
      one = Math.imul(one ^ hash, PRIME)
      one ^= one >>> 15
      two = Math.imul(two ^ hash, 0x5bd1e995)
      two ^= two >>> 13
      afterParameter = kind === 1
      this.starts[count] = start
      this.ends[count] = at
      this.kinds[count] = kind
      count += 1
    }
    this.count = count
    return (one >>> 0) * 2_097_152 + (two & 0x1fffff)
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

function hashOf(message: string, start: number, end: number): number {
  let hash = WORD
  for (let at = start; at < end; at += 1) hash = Math.imul(hash ^ message.charCodeAt(at), PRIME)
  return hash
}

/** `seen`: what its characters tell, together. */
function classify(message: string, start: number, end: number, seen: number): number {
  if (seen & DIGIT) return classifyNumbered(message, start, end, seen)
  const word = message.slice(start, end)
  // `()` is where a value would have been
  if (seen === 0) return word === '()' ? 1 : 0
  if (seen === UPPER) return word.length <= LONGEST_DATE && DATE_WORD.test(edges(word).core) ? 1 : 0
  if (seen === DOT && word.indexOf('.') === word.lastIndexOf('.')) return 0
  if (seen === (DOT | UPPER)) return 0
  if (!(seen & (SLASH | EQUALS))) return HOST.test(edges(word).core) ? 1 : 0
  const { core } = edges(word)
  if (/^\.{0,2}\/./.test(core)) return 1
  const equals = word.indexOf('=')
  if (equals > 0 && ASSIGNED.test(core)) return start + equals + 1
  return HOST.test(core) ? 1 : 0
}

/** A word that holds a digit. */
function classifyNumbered(message: string, start: number, end: number, seen: number): number {
  const named = seen & DOT && isLetter(message.charCodeAt(start))
  if (!named && !(seen & EQUALS)) return 1
  const word = message.slice(start, end)
  if (named && LOCATION.test(word)) return 0
  const equals = word.indexOf('=')
  return equals > 0 && !/\d/.test(word.slice(0, equals)) ? start + equals + 1 : 1
}

const isLetter = (code: number): boolean => (code > 96 && code < 123) || (code > 64 && code < 91)
