/** Converts gitleaks' rules, which are written for Go and for whole files, to expressions for single log lines. */
import type { Rule } from './rules.generated.ts'

export interface Form {
  keywords: readonly string[]
  entropy: number
  /** The group `keep` holds the vendor's name, if that name is what marks the value next to it as a secret. */
  source: string
  flags: 'g' | 'gi'
}

const LEAD = String.raw`[\w.-]{0,50}?`
const GAP = String.raw`(?:[ \t\w.-]{0,20})[\s'"]{0,3}`
const SIGN = String.raw`(?:=|>|:{1,3}=|\|\||:|=>|\?=|,)[\x60'"\s=]{0,5}`
const BESIDE = String.raw`[ \t\w.-]{0,20}[\s'"\\\]]{0,6}(?:=|>|:{1,3}=|\|\||:|=>|\?=|,|：|＝|%3[AD])[\x60'"\s=\\]{0,8}`
const STARTS = [String.raw`(?:^|[\\'"\x60\s>=:(,)])`, String.raw`\b`]
const ENDS = [
  String.raw`(?:[\x60'"\s;]|\\[nr]|$)`,
  String.raw`(?:[\x60'"\s;]|\\[nr]|$|\b)`,
  String.raw`(?:$|[\\'"\x60\s<),])`,
  String.raw`(?:[^\w-]|\z)`,
  String.raw`(?:[^a-zA-Z0-9+/]|\z)`,
  String.raw`\b`,
]

/** Word boundaries at both ends are checked separately, so that the expression's running time can be decided exactly. */
export function formsOf({ keywords, entropy, regex }: Rule): Form[] {
  const at = regex.indexOf(SIGN)
  if (at === -1)
    return [{ keywords, entropy, source: plain(trimmed(regex)), flags: regex.includes('(?i') ? 'gi' : 'g' }]
  const named = regex.slice(0, at)
  const names = named.slice(named.lastIndexOf(LEAD) + LEAD.length, named.indexOf(GAP))
  const [value = '', other = ''] = regex.slice(at + SIGN.length).split(ENDS[0] ?? '')
  return [
    { keywords, entropy, source: `(?<keep>${plain(names)}${BESIDE})${plain(value)}`, flags: 'gi' },
    // a token that is recognised without the name
    ...(other.startsWith('|')
      ? [{ keywords, entropy, source: plain(trimmed(other.slice(1))), flags: 'gi' as const }]
      : []),
  ]
}

function trimmed(regex: string): string {
  const start = STARTS.find((one) => regex.replace(/^\(\?i\)/, '').startsWith(one)) ?? ''
  const end = ENDS.find((one) => regex.endsWith(one)) ?? ''
  return regex
    .replace(/^\(\?i\)/, '')
    .slice(start.length)
    .slice(0, -end.length || undefined)
}

/** Drops inline case flags: the expression as a whole is case-sensitive or not. */
const plain = (regex: string): string =>
  regex.replaceAll('(?i)', '').replace(/\(\?-?i:/g, '(?:').replaceAll('[[:alnum:]]', '[A-Za-z0-9]').replace(/\((?!\?)/g, '(?:') // prettier-ignore
