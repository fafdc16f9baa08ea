/** Decides whether the text next to a secret's name is a secret or prose about one. */
import type { Sureness } from './names.ts'

/** Empty, a placeholder, or a reference to where the secret is stored. */
const PLACEHOLDER = /^(?:\[?redacted\]?|\[?(?:filtered|masked|hidden|removed|omitted|sensitive|protected|secret)\]?|<[^<>]*>?|[*•●x.#_-]{2,}|\$\{?\{?[\w.: -]*\}{0,2}|\{\{?[^{}]*\}{0,2}|%[a-z]|%\([a-z_]+\)s|null|undefined|none|nil|true|false|yes|no|on|off|n\/a|na|empty|unset|unknown|default|\?|\(null\)?|\/(?:run|var|etc|mnt|vault|secrets?|opt|tmp|home)\/[\w./-]*|(?:file|env|vault|arn|secretsmanager|ssm|op|projects|keyvault):?[:/][\w./:@-]*)$/i // prettier-ignore
/** Words about a secret: a state, an error, a kind. */
const SAID = /^(?:is|are|was|were|be|has|had|have|must|may|can(?:not|'t)?|should|will|would|does|did|do|not|and|or|but|if|for|from|in|to|of|with|without|by|at|as|the|a|an|this|that|your|our|its?|too|very|already|required?|requires|optional|missing|invalid|valid|include|omit|same-origin|expired?|expires|expiring|revoked|refreshed|refresh|rotated|rotation|incorrect|wrong|bad|changed?|changing|resets?|resetting|updated?|update|set|get|failed|failure|fail(?:s|ing)?|error|ok(?:ay)?|success(?:ful(?:ly)?)?|succeeded|passed|accepted|rejected|denied|granted|refused|forbidden|unauthorized|enabled|disabled|active|inactive|pending|verified|unverified|verification|validation|validated|authenticated|mismatch(?:ed)?|match(?:es|ed)?|found|present|absent|length|field|policy|provider|type|format|header|parameter|service|manager|store|created|deleted|generated|issued|received|sent|loaded|stored|cached|encrypted|decrypted|unchanged|prompt|login|logout|check(?:ed)?|checking|auth|unexpected|syntax|end|eof|start|identifier|string|number|strong|weak|short|long|hash(?:ed)?|plain(?:text)?|basic|bearer|digest|negotiate|ntlm|kerberos|ldaps?|oauth2?|oidc|saml2?|jwt|m?tls|ssl|sasl|scram(?:-sha-?\d+)?|plain|md5|sha-?\d*|rsa|ecdsa|ed25519|hmac|hs256|rs256|es256|anonymous|local|external|internal|iam|api_?key|token|password|secret|key|cookie|session|credentials?|user(?:name)?|admin|root|publickey|keyboard-interactive|gssapi(?:-with-mic)?)$/i // prettier-ignore
const SAID_IN_CHINESE =
  /^(?:過期|过期|錯誤|错误|已|未|不|無效|无效|失敗|失败|成功|更新|變更|变更|重設|重置|長度|长度|為空|为空|必填|輪替|轮换|驗證|验证|登入|登录|為必|不可)/
const LETTERS = /^[\p{L}'’-]+$/u

export interface Beside {
  sureness: Sureness
  /** in its own quotes */
  quoted: boolean
  /** directly after `=`, or in an element, a pair or a flag, whose form shows that it is a value */
  tight: boolean
  /** the rest of its line, if it is not quoted */
  after: string
}

export function isSecret(value: string, { sureness, quoted, tight, after }: Beside): boolean {
  if (value.length < 3 || PLACEHOLDER.test(value) || value.includes('[REDACTED')) return false
  if (isSaid(value, quoted, after)) return false
  if (sureness === 'sure') return quoted || tight || !isProse(value, after)
  if (/^\d{1,5}$/.test(value) || /^[\d.,]+(?:ms|s|m|h|d|%|[kmg]i?b)?$/i.test(value)) return false
  if (/^[A-Za-z.$]+(?:\{|@[0-9a-f]{4,8}$)/.test(value)) return false
  if (quoted && /[\s()]/.test(value) && !/^(?:bearer|basic)\s/i.test(value)) return false
  return tight || quoted ? !/^[({[<]/.test(value) : looksSecret(value)
}

/** Whether the value is words about a secret. In quotes, where a secret may contain spaces, it takes at least two words. */
function isSaid(value: string, quoted: boolean, after: string): boolean {
  const words = value.split(/[\s.,:!?]+/).filter((word) => word !== '')
  const [first = ''] = words
  if (!SAID.test(first) && !SAID_IN_CHINESE.test(first)) return false
  if (words.length === 1) return true
  if (!words.every((word) => LETTERS.test(word) || /^[\d()%-]{1,4}$/.test(word))) return !quoted && after.trim() !== ''
  return !quoted || words.length > 2
}

/** A lower-case word followed by more words. */
const isProse = (value: string, after: string): boolean =>
  LETTERS.test(value) && /^[ \t]+\p{L}/u.test(after) && !isMixed(value)

/** An upper-case letter, then a lower-case one, then an upper-case one. */
const isMixed = (value: string): boolean => {
  const large = value.search(/[A-Z]/)
  const small = large === -1 ? '' : value.slice(large)
  const at = small.search(/[a-z]/)
  return at !== -1 && /[A-Z]/.test(small.slice(at))
}

/** Letters alone are a word; a secret contains digits or symbols, or is long with mixed case. */
export function looksSecret(value: string): boolean {
  if (value.length < 6 || /^[<({[]/.test(value)) return false
  const [digits, small, large] = [/\d/.test(value), /[a-z]/.test(value), /[A-Z]/.test(value)]
  if (digits && (small || large)) return true
  if (/^\d+$/.test(value)) return value.length >= 6
  if (value.length >= 16 && small && large) return true
  return /[!@#$%^&*+=~?/]/.test(value) && /[A-Za-z]/.test(value) && value.length >= 8 && !/^[./]/.test(value)
}

/** Looks generated: upper and lower case and digits, without the punctuation of words, paths or times. */
export const isRandom = (value: string): boolean =>
  value.length >= 10 &&
  /^[\w+=~!@#$%^&*-]+$/.test(value) &&
  /\d/.test(value) &&
  /[a-z]/.test(value) &&
  /[A-Z]/.test(value)
