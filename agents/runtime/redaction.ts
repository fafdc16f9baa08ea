/** Secrets are replaced before anything is stored, published or shown to a model. Every pattern is linear in the length of the text. */

const MASK = '[REDACTED]'

/** A pattern with a group `keep` keeps that part in front of the mask, so that a person still sees what was there. */
const PATTERNS: readonly RegExp[] = [
  /-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[^-]{0,8000}(?:-----END [A-Z ]{0,30}PRIVATE KEY-----)?/g,
  // JSON Web Tokens, signed decisions among them
  /\beyJ[\w-]{5,2000}\.[\w-]{5,8000}(?:\.[\w-]{0,2000})?/g,
  /(?<keep>\b(?:Bearer|Basic|Token)\s{1,3})[\w.~+/=-]{8,4000}/gi,
  // credentials in a URL: scheme://user:password@host
  /(?<keep>\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:@/]{0,200}:)[^\s@/]{1,400}(?=@)/gi,
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
  /\bAIza[\w-]{35}(?![\w-])/g,
  /\bgh[pousr]_[A-Za-z0-9]{20,255}\b/g,
  /\bgithub_pat_\w{20,255}\b/g,
  /\bglpat-[\w-]{20,64}(?![\w-])/g,
  /\bxox[abprs]-[\w-]{10,250}/g,
  /\bnpm_[A-Za-z0-9]{30,64}\b/g,
  /\bsk-[A-Za-z0-9][\w-]{18,250}/g,
  /\b[rs]k_(?:live|test)_[A-Za-z0-9]{16,128}\b/g,
  /(?<keep>\b(?:set-)?cookie["']?\s{0,3}[:=]\s{0,3})[^\r\n]{1,4000}/gi,
  // name = value, also inside JSON; the name ends in a word that means a secret
  /(?<keep>[\w-]{0,40}(?:passwo?r?d|passwd|pwd|secret|api[_-]?key|access[_-]?key|private[_-]?key|client[_-]?secret|auth[_-]?token|access[_-]?token|refresh[_-]?token|credentials?)(?:\\?["'])?\s{0,3}[:=]\s{0,3}(?:\\?["'])?)(?!\[REDACTED\])[^\s"'\\,;&}]{3,1000}/gi,
]

export interface Redacted<T> {
  value: T
  /** how many secrets were replaced */
  redactions: number
}

export function redactText(text: string): { text: string; redactions: number } {
  let redactions = 0
  let result = text
  for (const pattern of PATTERNS) {
    result = result.replace(pattern, (...match: unknown[]) => {
      redactions++
      const groups = match.at(-1) as { keep?: string } | string | undefined
      return `${typeof groups === 'object' ? (groups?.keep ?? '') : ''}${MASK}`
    })
  }
  return { text: result, redactions }
}

/** Every string of a plain-JSON value, and every value whose name means a secret. */
export function redactValue<T>(value: T): Redacted<T> {
  let redactions = 0
  const walk = (part: unknown, name: string): unknown => {
    if (typeof part === 'string') {
      if (SECRET_NAME.test(name) && part !== '') {
        redactions++
        return MASK
      }
      if (part.length < SHORTEST) return part
      const redacted = redactText(part)
      redactions += redacted.redactions
      return redacted.text
    }
    if (Array.isArray(part)) return isNumbers(part) ? part : part.map((one) => walk(one, name))
    if (typeof part === 'object' && part !== null) {
      return Object.fromEntries(Object.entries(part).map(([key, one]) => [key, walk(one, key)]))
    }
    return part
  }
  return { value: walk(value, '') as T, redactions }
}

const SECRET_NAME = /(?:^|[_-])(?:password|passwd|pwd|secret|api[_-]?key|private[_-]?key|token|authorization|cookie)$/i
/** Nothing shorter can hold a name and a secret. */
const SHORTEST = 8
/** Samples need no look: a series of thousands of points stays as it is. */
const isNumbers = (values: readonly unknown[]): boolean => values.every((one) => typeof one === 'number')
