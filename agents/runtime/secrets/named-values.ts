/**
 * Values next to a name that means a secret, in any notation: `DB_PASS=x`, `"token":"x"`, `:password => "x"`, 密碼：x, `--password x`,
 * `<password>x</password>`, `key="password" value="x"`, percent-encoded, or with the escaped quotes of nested JSON.
 */
import { meansSecret, NAME, NAME_HINTS, nameKind } from './names.ts'
import type { Finder } from './span.ts'
import { isRandom, isSecret } from './values.ts'

const QUOTE = String.raw`\\{0,15}["'${'`'}]|%(?:25)?2[27]|&quot;|&#3[49];|&apos;|\\{1,8}u002[27]|[“”‘’「」『』]`
const SPACE = String.raw`(?:[ \t]|%20|\+(?=%)){0,3}`
const SIGN = String.raw`\\{1,8}(?:u00|x)3[adAD]|=>|:=|->|==?|::?|：|＝|→|%(?:25)?3[aAdD]`

/** The separator between name and value, by notation, including a YAML block and Rust's `Some(`. `close`: the closing quote of the name. */
const SIGNED = new RegExp(
  `(?<close>${QUOTE})?\\]?${SPACE}(?<sign>${SIGN})${SPACE}(?:[>|][+-]?[ \\t]{0,3}\\r?\\n[ \\t]{1,40}|[>|!]|Some\\()?(?<open>${QUOTE})?`,
  'y',
)
/** `"name": "password", "value": "x"`, `key="password" value="x"`, and the next line of YAML */
const PAIRED = new RegExp(String.raw`(?:${QUOTE})?\s{0,3},?\s{0,20}(?:${QUOTE})?(?:value|val|content|secret|v)(?:${QUOTE})?${SPACE}(?:${SIGN})${SPACE}(?<open>${QUOTE})?`, 'yi') // prettier-ignore
const ELEMENT =
  /(?:["']?(?:\s[^<>]{0,200})?(?:>|&gt;)|<\/[\w:-]{1,30}>\s{0,20}<(?:value|val|string)>)(?:\s{0,10}<!\[CDATA\[)?(?<open>)/y
/** a space, or `'--token', 'x'` */
const FLAG = new RegExp(`(?:(?:${QUOTE}),[ \\t]{0,3}|[ \\t]{1,3})(?<open>${QUOTE})?(?!-)`, 'y')
const CALLED = new RegExp(`[ \\t]{0,2}(?:\\([ \\t]{0,2}|[ \\t])(?<open>['"${'`'}「])`, 'y')
const SAID_IS = /[ \t]{0,3}(?:is|was|are|were|to|為|为|是)[ \t]{0,2}(?::|：)?[ \t]{0,3}(?<open>\\{0,3}["'`「])?/iy

/** Only a space, a bracket or a quote. */
const NEXT = /[ \t]{0,3}(?:[ \t(\[|]|default[ \t])[ \t]{0,2}(?<open>["'`「])?/y

/** An unquoted value; it ends at any of these characters. */
const BARE = /[^\s"'`\\,;&|<>)}\]，。；、）」』”’]{1,1000}/y
const ENCODED = /(?:%(?!(?:25)?(?:2[0267cC]|0[aAdD]|7[dD]|5[dD]|3[bBcC]))[0-9A-Fa-f]{2}|[^\s%"'`\\,;&|<>)}\]])(?:%(?!(?:25)?(?:2[0267cC]|0[aAdD]|7[dD]|5[dD]|3[bBcC]))[0-9A-Fa-f]{2}|[^\s%"'`\\,;&|<>)}\]]){0,1000}/y // prettier-ignore
const LONGEST = 2000
const LOOK_BACK = 24

export const namedValues: Finder = {
  hints: NAME_HINTS,
  *find(text) {
    let done = 0
    for (const match of text.matchAll(NAME)) {
      // skip names inside a value that is already found: it would be scanned to its end once more
      if (match.index < done) continue
      const before = text.slice(Math.max(0, match.index - LOOK_BACK), match.index)
      if (!meansSecret(before, match[0])) continue
      const sureness = match.groups?.['sure'] === undefined ? 'likely' : 'sure'
      const found = valueAt(text, match.index + match[0].length, before, match[0])
      if (found === null) continue
      const { start, end, quoted, tight } = found
      const after = text.slice(end, end + 40)
      if (!isSecret(text.slice(start, end), { sureness, quoted, tight, after })) continue
      done = end
      yield [start, end]
    }
  },
}

/** The value comes first: `value="x" name="password"`, `"value": "x", "key": "password"`. */
const VALUE_FIRST = /(?<keep>\b(?:value|val|content)(?:\\{0,15}["'])?\s{0,3}[:=]\s{0,3}\\{0,15}["'])(?<value>[^"'\\\r\n]{3,1000})\\{0,15}["'][\s,]{1,9}(?:\\{0,15}["'])?(?:name|key|field)(?:\\{0,15}["'])?\s{0,3}[:=]\s{0,3}\\{0,15}["'](?<name>[\w.-]{2,100})\\{0,15}["']/gi // prettier-ignore
export const valuesBeforeNames: Finder = {
  hints: ['value', 'val', 'content'],
  *find(text) {
    for (const match of text.matchAll(VALUE_FIRST)) {
      const { keep = '', value = '', name = '' } = match.groups ?? {}
      const sureness = nameKind(name)
      const start = match.index + keep.length
      if (sureness !== null && isSecret(value, { sureness, quoted: true, tight: true, after: '' }))
        yield [start, start + value.length]
    }
  },
}

interface Found {
  start: number
  end: number
  quoted: boolean
  tight: boolean
}

function valueAt(text: string, at: number, before: string, name: string): Found | null {
  const flag = /(?:^|[\s"'`,[(])-{1,2}[A-Za-z0-9_-]{0,20}$/.test(before)
  const element =
    /(?:<|&lt;)(?:[\w-]{1,20}:)?[\w.-]{0,20}$|<[\w:-]{1,20}[ \t][\w:-]{1,20}=["'][\w.-]{0,20}$|<(?:name|key)>[\w.-]{0,20}$/.test(
      before,
    )
  const paired = read(PAIRED, text, at)
  if (paired !== null) return valueFrom(text, paired, { tight: true })
  const signed = read(SIGNED, text, at)
  if (signed !== null) {
    const { sign = '', close } = signed.groups ?? {}
    const spaced = /\s$/.test(signed[0]) || (close === undefined && /^[:：]/.test(sign) && signed.groups?.['open'] === undefined) // prettier-ignore
    return valueFrom(text, signed, { tight: !spaced || !/^[:：]/.test(sign), encoded: sign.startsWith('%') })
  }
  if (element) return valueFrom(text, read(ELEMENT, text, at), { tight: true })
  if (flag) return valueFrom(text, read(FLAG, text, at), { tight: true })
  if (/^(?:passw|pwd|密|口令)/i.test(name)) {
    const called = read(CALLED, text, at)
    if (called !== null) return valueFrom(text, called, { tight: true })
  }
  const said = valueFrom(text, read(SAID_IS, text, at), { tight: false })
  if (said !== null) return said
  // only its shape shows that it is a secret
  const next = valueFrom(text, read(NEXT, text, at), { tight: true })
  return next !== null && isRandom(text.slice(next.start, next.end)) ? next : null
}

function read(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at
  return pattern.exec(text)
}

function valueFrom(
  text: string,
  lead: RegExpExecArray | null,
  how: { tight: boolean; encoded?: boolean },
): Found | null {
  if (lead === null) return null
  const start = lead.index + lead[0].length
  const open = lead.groups?.['open']
  if (open !== undefined && open !== '') {
    const end = closing(text, start, open)
    return end === start ? null : { start, end, quoted: true, tight: how.tight }
  }
  const bare = read(how.encoded === true ? ENCODED : BARE, text, start)
  return bare === null ? null : { start, end: start + bare[0].length, quoted: false, tight: how.tight }
}

const PARTNER: Readonly<Record<string, string>> = { '“': '”', '‘': '’', '「': '」', '『': '』' }

/** Index of the matching closing quote, escaped as often as the opening one; without one, the end of the line. */
function closing(text: string, from: number, open: string): number {
  const close = PARTNER[open] ?? open
  const limit = Math.min(text.length, from + LONGEST)
  for (let at = text.indexOf(close, from); at !== -1 && at < limit; at = text.indexOf(close, at + 1))
    if (close.startsWith('\\') || escapes(text, at, from) % 2 === 0) return at
  const line = text.slice(from, limit).search(/[\r\n]/)
  return line === -1 ? limit : from + line
}

function escapes(text: string, at: number, from: number): number {
  let count = 0
  while (at - count > from && text[at - count - 1] === '\\') count++
  return count
}
