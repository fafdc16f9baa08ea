/**
 * Splits a log message into words, each a constant or a parameter. Words that look like values are parameters from the first line on:
 * anything with a digit, paths, host names, dates, values after `=`. Adjacent parameters are merged, so that a date or an address in any
 * format is one parameter. (Masking before clustering: He et al., Drain, ICWS 2017. Other parameters are found by the template miner.)
 */

import { UNIT, unitWords } from './units.ts'

/** Characters of a message that are read; the rest does not change its template. */
const LONGEST = 4_096
const MOST_WORDS = 192

export const PARAMETER = '<*>'
const [PARAMETRIC, NAMED] = [-1, -2]

/** Character classes as bits; letters and other characters have none. Classes that can end a word come last. */
const [UPPER, DIGIT, DOT, SLASH, EQUALS, SPACE, LIST] = [1, 2, 4, 8, 16, 32, 64]
const tells = new Uint8Array(0x10000)
for (const code of [9, 10, 11, 12, 13, 32]) tells[code] = SPACE
for (let code = 48; code <= 57; code += 1) tells[code] = DIGIT
for (let code = 65; code <= 90; code += 1) tells[code] = UPPER
tells[46] = DOT
tells[47] = SLASH
tells[61] = EQUALS
for (const sign of '|,;]') tells[sign.charCodeAt(0)] = LIST
const [NEWLINE, COLON, EQUALS_SIGN, OPENING, BRACKET] = [10, 58, 61, 91, 93]

const WORD = 0x811c9dc5
const PRIME = 0x01000193

const unitHashes = new Set(unitWords.map((word) => hashOf(word, 0, word.length)))

const DATE_WORD =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|UTC|GMT|CES?T|[PMCE][SD]T)$/
/** Including surrounding punctuation. */
const LONGEST_DATE = 6
const HOST = /^[a-z][a-z-]*(?:\.[a-z][a-z-]*){2,}$/
const ASSIGNED = /^[A-Za-z_.-]+=.*[./]/
/** A source location: a constant although it contains a number, because it identifies the log statement. */
const LOCATION = /^[\w$.]*\.[A-Z]\w*#\d+:?$|^[\w$/.-]+\.(?:java|kt|scala|go|py|[jt]s|rb|cs|rs|c|cc|cpp|h):\d+:?$/
/** `eth0`, `s3`, `HTTP/1.1`, `log4j`; `sshd[4242]` */
const NUMBERED = /^[A-Za-z]+[/.-]?\d+(?:\.\d+)?[a-z]?$|^[A-Za-z][\w().-]*\[\d+$/
const opens = signs('([{"\'<#')
/** Characters between the letters of a name and its number. */
const joins = signs('/.-')
const signsBetween = signs('-~/&+>')
const closes = signs(')]}"\'>,;:.!?|')

/** A table that is 1 at the codes of these characters. */
function signs(of: string): Uint8Array {
  const marked = new Uint8Array(0x10000)
  for (const sign of of) marked[sign.charCodeAt(0)] = 1
  return marked
}

/** Splits a word into leading punctuation, core and trailing punctuation. */
function edges(word: string): { before: string; core: string; after: string } {
  const core = coreOf(word, 0, word.length)
  const start = core === '' ? opened(word, 0, word.length) : word.indexOf(core)
  return { before: word.slice(0, start), core, after: word.slice(start + core.length) }
}

/** The word without surrounding punctuation. */
function coreOf(message: string, from: number, to: number): string {
  const start = opened(message, from, to)
  let end = to
  while (end > start && closes[message.charCodeAt(end - 1)] === 1) end -= 1
  return message.slice(start, end)
}

/** Start of the word after opening punctuation. */
function opened(message: string, from: number, to: number): number {
  let start = from
  while (start < to && opens[message.charCodeAt(start)] === 1) start += 1
  return start
}

/** Reads one message at a time; the arrays hold the words of the last `read`. */
export class Words {
  count = 0
  /** hash of the names among the values */
  names = 0
  readonly starts = new Int32Array(MOST_WORDS)
  readonly ends = new Int32Array(MOST_WORDS)
  /** 0: constant; PARAMETRIC: parameter; positive: index in the message where the parameter starts (`key=` before it is constant) */
  readonly kinds = new Int32Array(MOST_WORDS)

  /** Splits the first line of a message and returns a 53-bit hash, equal for messages with the same pattern. */
  read(message: string): number {
    const { starts, ends, kinds } = this
    const length = Math.min(message.length, LONGEST)
    // separate variables: taken from an array, the compiler would not treat them as integers in this hot loop
    let one = WORD | 0
    let two = 0x9747b28c | 0
    let names = WORD | 0
    let at = 0
    let count = 0
    let afterValue = false
    let listUntil = 0
    // the pattern before a sign that joins two values, and the number of words with it
    let oneBefore = 0
    let twoBefore = 0
    let joinedAt = -1
    while (at < length && count < MOST_WORDS) {
      const first = message.charCodeAt(at)
      if (first === NEWLINE && count > 0) break
      if (tells[first] === SPACE) {
        at += 1
        continue
      }
      const start = at
      let hash = WORD | 0
      let seen = 0
      let listed = false
      for (; at < length; at += 1) {
        const code = message.charCodeAt(at)
        const telling = tells[code]!
        if (telling >= SPACE) {
          if (telling === SPACE) break
          hash = Math.imul(hash ^ code, PRIME)
          // a bracket ends a word if another one opens directly after it, as in `[time][thread][level]`
          if (code === BRACKET && message.charCodeAt(at + 1) !== OPENING) continue
          listed = true
          if (start >= listUntil) continue
          at += 1
          break
        }
        hash = Math.imul(hash ^ code, PRIME)
        seen |= telling
      }
      // one value would turn a whole list into a parameter: read it again piece by piece
      if (listed && seen & DIGIT && start >= listUntil) {
        listUntil = at
        at = start
        continue
      }
      // skip words of letters only; `()` is the one such parameter, with two characters
      const kind = seen === 0 && at - start !== 2 ? 0 : classify(message, start, at, seen)
      if (kind === NAMED) names = Math.imul(names ^ hashOf(message, start, at), PRIME)
      if (kind === 0 && afterValue && seen <= UPPER && unitHashes.has(hash)) {
        names = Math.imul(names ^ hash, PRIME)
        ends[count - 1] = at
        continue
      }
      if (kind < 0 && joinedAt === count) {
        one = oneBefore
        two = twoBefore
        count -= 1
        joinedAt = -1
        afterValue = true
      }
      if (kind < 0 && afterValue) {
        ends[count - 1] = at
        continue
      }
      if (kind === 0 && afterValue && at - start <= 2 && joinsValues(message, start, at)) {
        oneBefore = one
        twoBefore = two
        joinedAt = count + 1
      }
      if (kind !== 0) hash = kind > 0 ? ~hashOf(message, start, kind) : PARAMETRIC
      one = Math.imul(one ^ hash, PRIME)
      one ^= one >>> 15
      two = Math.imul(two ^ hash, 0x5bd1e995)
      two ^= two >>> 13
      afterValue = kind < 0
      starts[count] = start
      ends[count] = at
      kinds[count] = kind < 0 ? PARAMETRIC : kind
      count += 1
    }
    this.count = count
    this.names = names
    return (one >>> 0) * 2_097_152 + (two & 0x1fffff)
  }

  /** The words of the pattern, with PARAMETER in place of values. */
  keys(message: string): string[] {
    return Array.from({ length: this.count }, (_, at) => {
      const kind = this.kinds[at]!
      if (kind === PARAMETRIC) return PARAMETER
      return kind === 0 ? this.text(message, at) : `${message.slice(this.starts[at], kind)}${PARAMETER}`
    })
  }

  /** The same for display: keeps punctuation around parameters, and names among values. */
  shown(message: string): string[] {
    return this.keys(message).map((key, at) => {
      const text = this.text(message, at)
      if (!key.endsWith(PARAMETER)) return text
      return key === PARAMETER ? valuesShown(text) : `${key}${edges(text).after}`
    })
  }

  /** The value of the word at position `from`, without a constant `key=` prefix. */
  values(message: string, from: number): string {
    const kind = this.kinds[from]!
    return this.text(message, from).slice(kind > 0 ? kind - this.starts[from]! : 0)
  }

  text(message: string, at: number): string {
    return message.slice(this.starts[at], this.ends[at])
  }
}

/** Keeps names; everything between them becomes one parameter. */
function valuesShown(text: string): string {
  const pieces = text.match(/[^\s|,;]+[|,;]*/g) ?? [text]
  const shown = pieces.map((piece) => {
    const { before, core, after } = edges(piece)
    if (UNIT.test(core)) return `${core}${after}`
    return NUMBERED.test(core) ? `${before}${core.replace(/\[\d+$/, `[${PARAMETER}`)}${after}` : ''
  })
  if (shown.every((piece) => piece === '')) return `${edges(text).before}${PARAMETER}${edges(text).after}`
  return shown
    .map((piece) => (piece === '' ? PARAMETER : piece))
    .filter((piece, at, all) => piece !== PARAMETER || all[at - 1] !== PARAMETER)
    .join(' ')
}

/** Combines the display of two messages of one pattern: names that differ become a parameter. */
export function shownOfBoth(one: string, other: string): string {
  const [a, b] = [one.split(' '), other.split(' ')]
  if (one === other) return one
  if (a.length !== b.length) return PARAMETER
  return a
    .map((piece, at) => (piece === b[at] ? piece : PARAMETER))
    .filter((piece, at, all) => piece !== PARAMETER || all[at - 1] !== PARAMETER)
    .join(' ')
}

/** Hashes the text up to a bracket: `sshd[1]` and `sshd[2]` have the same name. */
function hashOf(message: string, start: number, end: number): number {
  let hash = WORD
  for (let at = start; at < end && message.charCodeAt(at) !== 91; at += 1)
    hash = Math.imul(hash ^ message.charCodeAt(at), PRIME)
  return hash
}

/** `seen`: the combined character classes of the word. */
function classify(message: string, start: number, end: number, seen: number): number {
  if (seen & DIGIT) return classifyNumbered(message, start, end, seen)
  // `()` is an empty value
  if (seen === 0) return end - start === 2 && message.startsWith('()', start) ? PARAMETRIC : 0
  if (seen === UPPER) return end - start <= LONGEST_DATE && isDateWord(coreOf(message, start, end)) ? PARAMETRIC : 0
  if (seen === (DOT | UPPER)) return 0
  if (seen === DOT && isLastDot(message, start, end)) return 0
  const core = coreOf(message, start, end)
  if (!(seen & (SLASH | EQUALS))) return HOST.test(core) ? PARAMETRIC : 0
  if (seen & SLASH && /^\.{0,2}\/./.test(core)) return PARAMETRIC
  if (seen & EQUALS && seen & (DOT | SLASH) && ASSIGNED.test(core)) {
    const equals = message.indexOf('=', start)
    if (equals > start) return equals + 1
  }
  return seen & DOT && HOST.test(core) ? PARAMETRIC : 0
}

const isDateWord = (core: string): boolean => core.length > 2 && core.length < 5 && DATE_WORD.test(core)

/** Whether the word has a single dot. */
function isLastDot(message: string, start: number, end: number): boolean {
  const next = message.indexOf('.', message.indexOf('.', start) + 1)
  return next < 0 || next >= end
}

/** Classifies a word with a digit. */
function classifyNumbered(message: string, start: number, end: number, seen: number): number {
  if (mayBeName(message, start, end) && NUMBERED.test(coreOf(message, start, end))) return NAMED
  const located = seen & DOT && isLetter(message.charCodeAt(start))
  if (!located && !(seen & EQUALS)) return PARAMETRIC
  if (located && LOCATION.test(message.slice(start, end))) return 0
  if (!(seen & EQUALS)) return PARAMETRIC
  for (let at = start; at < end; at += 1) {
    const code = message.charCodeAt(at)
    if (code === EQUALS_SIGN) return at > start ? at + 1 : PARAMETRIC
    if (isDigit(code)) return PARAMETRIC
  }
  return PARAMETRIC
}

/** `-`, `->`, `/`: between two values it makes them one. */
function joinsValues(message: string, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) if (signsBetween[message.charCodeAt(at)] !== 1) return false
  return true
}

/** A cheap test that excludes most values: a name is letters followed by a number, or by a number in brackets. */
function mayBeName(message: string, start: number, end: number): boolean {
  let at = start
  while (at < end && opens[message.charCodeAt(at)] === 1) at += 1
  const first = at
  while (at < end && isLetter(message.charCodeAt(at))) at += 1
  if (at === first) return false
  if (at < end - 1 && joins[message.charCodeAt(at)] === 1) at += 1
  const last = message.charCodeAt(end - 1) === COLON ? end - 2 : end - 1
  return isDigit(message.charCodeAt(at)) || message.charCodeAt(last) === BRACKET
}

const isLetter = (code: number): boolean => (code > 96 && code < 123) || (code > 64 && code < 91)
const isDigit = (code: number): boolean => code > 47 && code < 58
