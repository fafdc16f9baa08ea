/** Secrets by gitleaks' rules: tokens in an issuer's format, and random values next to a vendor's name. */
import { formsOf } from './gitleaks/forms.ts'
import { RULES } from './gitleaks/rules.generated.ts'
import type { Finder, Span } from './span.ts'

/** Rules replaced by this project's own: theirs are for whole files, or match things that are common in logs. */
const OURS = new Set(
  [
    'nuget-config-password kubernetes-secret-yaml curl-auth-header curl-auth-user sidekiq-sensitive-url private-key',
    'jwt jwt-base64 vault-service-token',
  ].flatMap((ids) => ids.split(' ')),
)
/** Hints of rules whose keyword is not part of the secret, or is part of many words. */
const HINTS: Readonly<Record<string, readonly string[]>> = {
  'facebook-access-token': ['|', '%'],
  'twilio-api-key': [],
  'airtable-personnal-access-token': ['pat'],
}
/** Rules that match next to any name of a secret: extra conditions on the value. */
const LIKELY: Readonly<Record<string, (value: string) => boolean>> = {
  'generic-api-key': (value) => value.length >= 20 && isMixed(value) && /\d.*\d/.test(value) && !/[a-z]{6}/.test(value),
  'hashicorp-tf-password': (value) => isMixed(value),
}

const rules = RULES.filter(({ id }) => !OURS.has(id)).flatMap((rule) => {
  // 40 hexadecimal digits are a commit hash
  const regex = rule.regex.replace('|[a-fA-F0-9]{40})', ')')
  return formsOf({ ...rule, regex }).map(({ keywords, entropy, source, flags }) => ({
    hints: HINTS[rule.id] ?? keywords,
    isLikely: LIKELY[rule.id] ?? isDrawn,
    entropy,
    pattern: new RegExp(source, flags),
  }))
})

/** Names next to a vendor whose values a diagnosis needs: `datadog trace_id=…`, `sentry commit: …`. */
const NO_SECRET =
  /(?<![A-Za-z])(?:trace|span|request|req|correlation|commit|sha-?(?:1|256)?|md5|rev|revision|digest|checksum|hash|fingerprint|image|build|version|e?tag|ref|branch|pod|node|host|container|job|run|task|event|issue|message|msg|order|channel|guild|org|organization|project|team|ts|time|timestamp|offset|size|bytes|count|duration|uuid|guid|page|url|path|file|status|code|ray|cursor|nonce|delivery|deployment|release|resource|workspace|user|customer|account|tenant|(?:public|primary|partition|foreign|sort|cache|routing|object|row)[ _.-]?key|(?<!client[ _.-]?)id)s?(?:[ _.-]?(?:id|no|number|name|hash|sha))?[\s'"\\\]]{0,6}[^\w\s'"\\\]][^\w]{0,10}$/i

function* found(text: string, { pattern, entropy, isLikely }: (typeof rules)[number]): Iterable<Span> {
  for (const match of text.matchAll(pattern)) {
    const keep = match.groups?.['keep']
    const [start, end] = [match.index + (keep?.length ?? 0), match.index + match[0].length]
    const secret = text.slice(start, end)
    if (entropyOf(secret) < entropy) continue
    if (
      keep === undefined
        ? standsAlone(text, start, end)
        : isLikely(secret) && endsHere(text, end) && !saysWhat(text, match.index, start)
    )
      yield [start, end]
  }
}

const LOOK_BACK = 16
const saysWhat = (text: string, from: number, to: number): boolean =>
  NO_SECRET.test(text.slice(Math.max(0, from - LOOK_BACK), to).replace(/[a-z0-9](?=[A-Z])/g, '$&_'))

/** The letter of an escape sequence, as in `\ntoken`, does not belong to the word. */
const standsAlone = (text: string, start: number, end: number): boolean =>
  (!/[A-Za-z0-9]/.test(text.charAt(start - 1)) || /\\[nrt]/.test(text.slice(start - 2, start))) &&
  !/[A-Za-z0-9]/.test(text.charAt(end))

const endsHere = (text: string, end: number): boolean => !/^(?:[\w+/=~%-]|[.:]\w)/.test(text.slice(end, end + 2))

/** Looks random: an ordinary name has no digits, and changes case only where a word begins. */
function isDrawn(value: string): boolean {
  return /\d/.test(value) || (value.match(/[a-z][A-Z]|[A-Z][a-z]/g)?.length ?? 0) > 4
}

const isMixed = (value: string): boolean => [/\d/, /[a-z]/, /[A-Z]/].every((kind) => kind.test(value))

export function entropyOf(text: string): number {
  const counts = new Map<string, number>()
  for (const one of text) counts.set(one, (counts.get(one) ?? 0) + 1)
  return [...counts.values()].reduce((sum, count) => sum - (count / text.length) * Math.log2(count / text.length), 0)
}

const [told, untold] = [rules.filter(({ hints }) => hints.length > 0), rules.filter(({ hints }) => hints.length === 0)]

export const vendors: readonly Finder[] = [
  {
    hints: told.flatMap(({ hints }) => hints),
    *find(text) {
      const lower = text.toLowerCase()
      for (const rule of told) if (rule.hints.some((hint) => lower.includes(hint))) yield* found(text, rule)
    },
  },
  { hints: [], *find(text) { for (const rule of untold) yield* found(text, rule) } }, // prettier-ignore
]

const NAMED = told.filter(({ pattern }) => pattern.source.startsWith('(?<keep>'))
const VENDOR = new RegExp([...new Set(NAMED.flatMap(({ hints }) => hints))].map((hint) => hint.replaceAll('.', '\\.')).join('|'), 'i') // prettier-ignore

export const namesVendor = (name: string): boolean => name.length <= 64 && VENDOR.test(name)

/** Whether a field with this name and value is a secret by these rules. */
export function isOfVendor(name: string, value: string): boolean {
  if (value.length < 8 || value.length > 1000 || !namesVendor(name)) return false
  const text = `${name}=${value}`
  const lower = name.toLowerCase()
  return NAMED.some((rule) => rule.hints.some((hint) => lower.includes(hint)) && [...found(text, rule)].some(([start, end]) => start === name.length + 1 && end === text.length)) // prettier-ignore
}
