/** Secrets generated from every rule of gitleaks, kept only if gitleaks would report them. */
import { RULES } from '../../agents/runtime/secrets/gitleaks/rules.generated.ts'
import { entropyOf } from '../../agents/runtime/secrets/vendors.ts'
import { randomFrom } from '../rankings/measures.ts'
import { drawnFrom } from './drawn-from-expression.ts'
import type { Planted } from './planted.ts'

const OF_EACH = 5
const TRIES = 200
const LINES: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => `2026-03-01T10:00:00Z INFO cart: ${text}`,
  (text) => `failed after 3 tries (${text})`,
]

export function plantedOfGitleaks(seed: number): Planted[] {
  const random = randomFrom(seed)
  return RULES.flatMap(({ id, regex, entropy, keywords }) => {
    const planted: Planted[] = []
    const ours = new RegExp(asOurs(regex), regex.includes('(?i)') ? 'i' : '')
    for (let tries = 0; planted.length < OF_EACH && tries < TRIES; tries++) {
      const text = drawnFrom(regex, random)
      // a generated word may continue where the rule expects its end
      const match = ours.exec(text)
      if (match === null) continue
      const secret = match.slice(1).filter((group) => group).toSorted((a, b) => b.length - a.length)[0] ?? match[0] // prettier-ignore
      // empty or a template
      if (id === 'kubernetes-secret-yaml' && !/[A-Za-z0-9+/]{10}={0,3}["']?$/.test(secret)) continue
      const reported = entropyOf(secret) >= entropy && keywords.some((keyword) => text.toLowerCase().includes(keyword))
      if (!reported) continue
      const given = LINES[planted.length % LINES.length]?.(text) ?? text
      planted.push({ kind: `gitleaks: ${id}`, given, secrets: [secret] })
    }
    return planted
  })
}

const asOurs = (regex: string): string =>
  regex.replaceAll('(?i)', '').replaceAll('(?P<', '(?<').replaceAll('[[:alnum:]]', '[A-Za-z0-9]').replaceAll(String.raw`\z`, '$') // prettier-ignore
