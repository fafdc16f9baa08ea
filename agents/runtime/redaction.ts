/**
 * Replaces secrets, and characters a database cannot store, before anything is stored, published or shown to a model. Linear in the length of the
 * text, whatever its content. What counts as a secret: `agents/runtime/secrets/`.
 */
import { storable } from '../../bus/storable.ts'
import { nameKind } from './secrets/names.ts'
import { namedValues, valuesBeforeNames } from './secrets/named-values.ts'
import { endsKey, isOfKey, leavesKeyOpen, privateKeys } from './secrets/private-keys.ts'
import { commands, protocols } from './secrets/protocols.ts'
import type { Finder, Span } from './secrets/span.ts'
import { tokens } from './secrets/tokens.ts'
import { isRandom, isSecret, looksSecret } from './secrets/values.ts'
import { isOfVendor, namesVendor, vendors } from './secrets/vendors.ts'

const MASK = '[REDACTED]'

const FINDERS: readonly Finder[] = [privateKeys, ...tokens, ...vendors, namedValues, valuesBeforeNames, ...protocols]

/** One search for all hints of a finder is much faster than one per hint. */
const anyOf = (hints: readonly string[]): RegExp => new RegExp([...new Set(hints)].map((hint) => hint.replace(/[.$*?+^(){}|[\]\\]/g, '\\$&')).join('|')) // prettier-ignore
const TOLD = FINDERS.filter(({ hints }) => hints.length > 0).map((finder) => ({ finder, hint: anyOf(finder.hints) }))
const UNTOLD = FINDERS.filter(({ hints }) => hints.length === 0)
const ANY_HINT = anyOf(FINDERS.flatMap(({ hints }) => hints))

export interface Redacted<T> {
  value: T
  /** number of secrets replaced */
  redactions: number
}

export function redactText(text: string): { text: string; redactions: number } {
  const clean = storable(text)
  const lower = clean.toLowerCase()
  const told = ANY_HINT.test(lower) ? TOLD.filter(({ hint }) => hint.test(lower)).map(({ finder }) => finder) : []
  const found = [...told, ...UNTOLD]
  return replaced(
    clean,
    found.flatMap((finder) => [...finder.find(clean)]),
  )
}

/** Adjacent or overlapping spans count as one secret. */
function replaced(text: string, spans: readonly Span[]): { text: string; redactions: number } {
  if (spans.length === 0) return { text, redactions: 0 }
  const parts: string[] = []
  let [redactions, done] = [0, 0]
  let last = -1
  for (const [start, end] of spans.toSorted((a, b) => a[0] - b[0])) {
    if (start > last) {
      parts.push(text.slice(done, start), MASK)
      redactions++
    }
    last = Math.max(last, end)
    done = last
  }
  return { text: [...parts, text.slice(done)].join(''), redactions }
}

/** Redacts every string of a plain-JSON value, and every value whose field name means a secret. Unchanged parts are returned as they are. */
export function redactValue<T>(value: T): Redacted<T> {
  const walk = new Walk()
  return { value: walk.any(value, '') as T, redactions: walk.redactions }
}

/** Field names of a name/value pair, as in the environment list of a container. */
const NAMING = [
  'name',
  'key',
  'Name',
  'Key',
  'field',
  'header',
  'param',
  'parameter',
  'variable',
  'attribute',
  'label',
  'type',
  'id',
  'k',
]
const HOLDING = new Set(['value', 'Value', 'val', 'content', 'v', 'data', 'text', 'secret'])
const JWK_PRIVATE = new Set(['d', 'p', 'q', 'dp', 'dq', 'qi', 'k'])
/** Most list items a private key may be spread over, one line each. */
const LINES_OF_KEY = 200

class Walk {
  redactions = 0
  /** list items that may still belong to a private key whose first line was seen */
  #keyLines = 0

  /** `told`: the value comes from a name/value pair, which may also hold values that are no secrets */
  any(part: unknown, name: string, told = false): unknown {
    if (this.#isSecretField(part, name, told)) {
      this.redactions++
      return MASK
    }
    if (typeof part === 'string') return this.#text(part)
    if (Array.isArray(part)) return this.#list(part, name)
    return typeof part === 'object' && part !== null ? this.#object(part as Record<string, unknown>) : part
  }

  #isSecretField(part: unknown, name: string, told: boolean): boolean {
    if (name === '' || isNothing(part)) return false
    if (typeof part === 'string' && isOfVendor(name, part)) return true
    const kind = nameKind(name)
    if (kind === null) return false
    if (kind === 'sure') return typeof part !== 'string' || !isStateOf(part)
    if (typeof part !== 'string' || !isSecret(part, { sureness: 'likely', quoted: true, tight: true, after: '' }))
      return false
    return looksSecret(part) || (!told && /(?:pass|auth|token|jwt|psk)/i.test(name))
  }

  #text(text: string): string {
    if (this.#keyLines > 0) return this.#ofKey(text)
    if (text.length < SHORTEST) return storable(text)
    if (leavesKeyOpen(text)) this.#keyLines = LINES_OF_KEY
    const redacted = redactText(text)
    this.redactions += redacted.redactions
    return redacted.text
  }

  #ofKey(text: string): string {
    this.#keyLines--
    if (endsKey(text)) this.#keyLines = 0
    else if (!isOfKey(text) || text.length < SHORTEST) {
      const redacted = redactText(text)
      this.redactions += redacted.redactions
      return redacted.text
    }
    this.redactions++
    return MASK
  }

  #list(list: readonly unknown[], name: string): readonly unknown[] {
    if (isNumbers(list)) return list
    const words = isCommand(list) ? this.#command(list) : list
    const walked = words.map((one, place) => this.any(one, oneOf(name, one) || namedBefore(words, place)))
    return walked.some((one, place) => one !== list[place]) ? walked : list
  }

  /** `-p` means a password only after the name of certain commands, so the words are searched as one line. */
  #command(words: readonly string[]): readonly string[] {
    const shown = words.map((word) => (/^$|\s/.test(word) ? '_' : word))
    const line = shown.join(' ')
    const { text, redactions } = replaced(
      line,
      commands.flatMap((finder) => [...finder.find(line)]),
    )
    const masked = text.split(' ')
    if (redactions === 0 || masked.length !== words.length) return words
    this.redactions += redactions
    return words.map((word, place) => (masked[place] === shown[place] ? word : masked[place]!))
  }

  #object(object: Readonly<Record<string, unknown>>): object {
    const keys = Object.keys(object)
    const named = NAMING.map((name) => object[name]).find(
      (name) => typeof name === 'string' && (nameKind(name) !== null || namesVendor(name)),
    )
    const isKey = typeof object['kty'] === 'string'
    const isSecret = object['kind'] === 'Secret'
    const walked = (key: string): unknown => {
      if (isKey && JWK_PRIVATE.has(key)) return this.any(object[key], 'private_key')
      if (isSecret && (key === 'data' || key === 'stringData')) return this.any(object[key], 'secret')
      return HOLDING.has(key) && named !== undefined
        ? this.any(object[key], named as string, true)
        : this.any(object[key], key)
    }
    const values = keys.map(walked)
    const names = keys.map((key) => this.#text(key))
    if (keys.every((key, place) => values[place] === object[key] && names[place] === key)) return object
    return Object.fromEntries(distinct(names).map((key, place) => [key, values[place]]))
  }
}

/** In `['--password', 'x']` and `['password', 'x']` the first item names the second. */
function namedBefore(list: readonly unknown[], place: number): string {
  const before = list[place - 1]
  if (typeof before !== 'string' || before.length > 64) return ''
  if (/^--?[\w-]+$/.test(before)) return before.replace(/^-+/, '')
  // raw HTTP headers: alternating names and values
  if (list.length % 2 === 0 && place % 2 === 1 && /^(?:[\w-]*authorization|(?:set-)?cookie|x-[\w-]+)$/i.test(before))
    return before
  return list.length === 2 && /^[\w.-]+$/.test(before) && typeof list[place] === 'string' ? before : ''
}

/** A command as a list of its words, as in the specification of a container. */
const isCommand = (list: readonly unknown[]): list is readonly string[] =>
  list.length > 1 &&
  list.length <= LONGEST_COMMAND &&
  list.every((one) => typeof one === 'string') &&
  list.some((word) => word.startsWith('-'))
const LONGEST_COMMAND = 500

/** In `passwords: ['x']` the plural names each item. A list of `secrets` more often holds their names. */
function oneOf(name: string, item: unknown): string {
  if (typeof item !== 'string' || !/s$/i.test(name)) return ''
  return (/secrets$/i.test(name) ? isRandom(item) : looksSecret(item)) ? name.slice(0, -1) : ''
}

/** Keeps two field names distinct after both were redacted. */
function distinct(names: readonly string[]): string[] {
  const times = new Map<string, number>()
  return names.map((name) => {
    const count = (times.get(name) ?? 0) + 1
    times.set(name, count)
    return count === 1 ? name : `${name} ${count}`
  })
}

const isNothing = (part: unknown): boolean =>
  part === null || part === undefined || part === '' || part === MASK || typeof part === 'boolean'
/** A state or a placeholder instead of a secret: `"password": "required"`. */
const isStateOf = (text: string): boolean => text.length > 2 && !isSecret(text, { sureness: 'sure', quoted: true, tight: true, after: '' }) // prettier-ignore
/** No shorter text can hold a name and a secret. */
const SHORTEST = 8
/** Lists of numbers are skipped: a series may have thousands of points. */
const isNumbers = (values: readonly unknown[]): boolean => values.every((one) => typeof one === 'number')
