/**
 * Secrets are replaced before anything is stored, published or shown to a model, and so is what no database keeps. Time grows with the
 * length of the text, whatever it says.
 */
import { storable } from '../../bus/storable.ts'

const MASK = '[REDACTED]'

interface Rule {
  /** one of these is in every text the pattern finds something in, in lower case: most lines need no more than this look */
  hints: readonly string[]
  /** A group `keep` stays in front of the mask, so that a person still sees what was there. */
  pattern: RegExp
}

/** Names that mean their value is secret. */
const NAMES = 'passw(?:or)?d|passwd|passphrase|pwd|secret|api[_-]?key|access[_-]?key|private[_-]?key|secret[_-]?key|account[_-]?key|shared[_-]?access[_-]?key|auth[_-]?token|access[_-]?token|refresh[_-]?token|id[_-]?token|session[_-]?token|client[_-]?assertion|x-amz-signature|credentials?' // prettier-ignore
const NAME_HINTS = ['pass', 'pwd', 'secret', 'key', 'token', 'assertion', 'signature', 'credential']
const NOT_A_SECRET = String.raw`(?!\[REDACTED\]|null\b|undefined\b|true\b|false\b|none\b|\*{3})`

const RULES: readonly Rule[] = [
  // JSON Web Tokens, signed decisions among them
  { hints: ['eyj'], pattern: /(?<![\w-])eyJ[\w-]{5,4000}\.[\w-]{5,8000}(?:\.[\w-]{0,2000})?/g },
  {
    hints: ['authorization'],
    pattern: /(?<keep>authorization(?:\\?["'])?\s{0,3}[:=]\s{0,3}(?:\\?["'])?(?:[a-z-]{2,20}\s{1,3})?)(?!(?:[a-z-]{2,20}\s{1,3})?\[REDACTED\])[^\s"'\\,;]{4,4000}/gi, // prettier-ignore
  },
  // beside a header's name it is one for certain; elsewhere a word after it may be prose, a secret has more than letters
  { hints: ['bearer', 'basic', 'token'], pattern: /(?<keep>\b(?:Bearer|Basic|Token)\s{1,3})(?=[a-z._~+/-]{0,60}[\d=])[\w.~+/=-]{8,4000}/gi }, // prettier-ignore
  // scheme://user:password@host
  { hints: ['://'], pattern: /(?<keep>\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:@/"']{0,200}:)(?!\[REDACTED\])[^\s@/"']{1,400}(?=@)/gi }, // prettier-ignore
  { hints: ['akia', 'asia'], pattern: /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g },
  { hints: ['aiza'], pattern: /\bAIza[\w-]{35}(?![\w-])/g },
  { hints: ['ya29.'], pattern: /\bya29\.[\w-]{20,500}/g },
  { hints: ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_', 'github_pat_'], pattern: /\b(?:gh[pousr]_|github_pat_)\w{20,255}/g }, // prettier-ignore
  { hints: ['glpat-'], pattern: /\bglpat-[\w-]{20,64}(?![\w-])/g },
  { hints: ['xox', 'xapp-'], pattern: /\b(?:xox[abeoprs]|xapp)-[\w-]{10,250}/g },
  { hints: ['hooks.slack.com'], pattern: /(?<keep>hooks\.slack\.com\/(?:services|workflows)\/)[\w/]{10,200}/gi },
  { hints: ['npm_'], pattern: /\bnpm_[A-Za-z0-9]{30,64}\b/g },
  { hints: ['sk-'], pattern: /(?<![\w-])sk-[A-Za-z0-9][\w-]{18,250}/g },
  { hints: ['k_live_', 'k_test_'], pattern: /\b[rs]k_(?:live|test)_[A-Za-z0-9]{16,128}\b/g },
  { hints: ['sg.'], pattern: /\bSG\.[\w-]{16,32}\.[\w-]{16,64}(?![\w-])/g },
  { hints: ['hvs.'], pattern: /\bhvs\.[\w-]{20,200}/g },
  // a header to the end of its line, a field to the end of its quotes
  { hints: ['cookie'], pattern: /(?<keep>\b(?:set-)?cookie(?:\\?["'])?\s{0,3}[:=]\s{0,3}(?<quote>\\?["']))(?:(?!\k<quote>)[^\r\n]){1,4000}/gi }, // prettier-ignore
  { hints: ['cookie'], pattern: /(?<keep>\b(?:set-)?cookie\s{0,3}[:=]\s{0,3})(?!\\?["']|\[REDACTED\])[^\s"'][^\r\n"']{0,4000}/gi }, // prettier-ignore
  {
    hints: NAME_HINTS,
    pattern: new RegExp(String.raw`(?<keep>(?:${NAMES})(?:\\?["'])?\s{0,3}[:=]\s{0,3}(?<quote>\\?["']))${NOT_A_SECRET}(?:(?!\k<quote>)[^\r\n]){1,1000}`, 'gi'), // prettier-ignore
  },
  {
    hints: NAME_HINTS,
    pattern: new RegExp(String.raw`(?<keep>(?:${NAMES})(?:\\?["'])?\s{0,3}[:=]\s{0,3})(?!\\?["'])${NOT_A_SECRET}[^\s"'\\,;&}]{3,1000}`, 'gi'), // prettier-ignore
  },
]

/** Most texts hold none of the hints: one look instead of one for each. */
const ANY_HINT = new RegExp([...new Set(RULES.flatMap(({ hints }) => hints))].join('|').replace(/[./]/g, '\\$&'))

export interface Redacted<T> {
  value: T
  /** how many secrets were replaced */
  redactions: number
}

export function redactText(text: string): { text: string; redactions: number } {
  const keys = withoutPrivateKeys(storable(text))
  const lower = text.toLowerCase()
  let { redactions } = keys
  if (!ANY_HINT.test(lower)) return keys
  let result = keys.text
  for (const { hints, pattern } of RULES) {
    if (!hints.some((hint) => lower.includes(hint))) continue
    result = result.replace(pattern, (...match: unknown[]) => {
      redactions++
      const groups = match.at(-1) as { keep?: string } | string | undefined
      return `${typeof groups === 'object' ? (groups?.keep ?? '') : ''}${MASK}`
    })
  }
  return { text: result, redactions }
}

const KEY_BEGINS = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g
const KEY_ENDS = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g
/** A key whose end is missing was cut off: what may be of it goes. */
const KEY_CHARACTERS = 12_000

function withoutPrivateKeys(text: string): { text: string; redactions: number } {
  if (!text.includes('PRIVATE KEY')) return { text, redactions: 0 }
  const parts: string[] = []
  let from = 0
  for (let begin = next(KEY_BEGINS, text, 0); begin !== null; begin = next(KEY_BEGINS, text, from)) {
    parts.push(text.slice(from, begin.index))
    const end = next(KEY_ENDS, text, begin.index)
    const nearEnd = end !== null && end.index - begin.index <= KEY_CHARACTERS
    from = nearEnd ? end.index + end[0].length : Math.min(text.length, begin.index + KEY_CHARACTERS)
  }
  return { text: [...parts, text.slice(from)].join(MASK), redactions: parts.length }
}

function next(pattern: RegExp, text: string, from: number): RegExpExecArray | null {
  pattern.lastIndex = from
  return pattern.exec(text)
}

/** Every string of a plain-JSON value, and every value whose name means a secret. What holds nothing to replace is given back as it is. */
export function redactValue<T>(value: T): Redacted<T> {
  let redactions = 0
  const walkText = (text: string): string => {
    if (text.length < SHORTEST) return storable(text)
    const redacted = redactText(text)
    redactions += redacted.redactions
    return redacted.text
  }
  const walkList = (list: readonly unknown[]): readonly unknown[] => {
    if (isNumbers(list)) return list
    const walked = list.map((one) => walk(one, ''))
    return walked.some((one, place) => one !== list[place]) ? walked : list
  }
  const walkObject = (object: Readonly<Record<string, unknown>>): object => {
    const keys = Object.keys(object)
    // as containers list their environment: the one field names what the other holds
    const named = typeof object['name'] === 'string' ? object['name'] : ''
    const values = keys.map((key) => walk(object[key], key === 'value' ? named : key))
    if (keys.every((key, place) => values[place] === object[key] && storable(key) === key)) return object
    return Object.fromEntries(keys.map((key, place) => [storable(key), values[place]]))
  }
  const walk = (part: unknown, name: string): unknown => {
    if (SECRET_NAME.test(name) && !isNothing(part)) {
      redactions++
      return MASK
    }
    if (typeof part === 'string') return walkText(part)
    if (Array.isArray(part)) return walkList(part)
    return typeof part === 'object' && part !== null ? walkObject(part as Record<string, unknown>) : part
  }
  return { value: walk(value, '') as T, redactions }
}

/** However its words are joined: `client_secret`, `clientSecret`, `DB_PASSWORD`. A word before `token` alone says nothing: `nextToken`. */
const SECRET_NAME = new RegExp(String.raw`(?:${NAMES}|authorization|cookie|(?:^|[_-])token)$`, 'i')
const isNothing = (part: unknown): boolean =>
  part === null || part === undefined || part === '' || part === MASK || typeof part === 'boolean'
/** Nothing shorter can hold a name and a secret. */
const SHORTEST = 8
/** Samples need no look: a series of thousands of points stays as it is. */
const isNumbers = (values: readonly unknown[]): boolean => values.every((one) => typeof one === 'number')
