/** Text of other systems and of people, made fit for a report: one line, of limited length, without invisible characters, names or blame. */
import type { Language, Report, Text } from '../../postmortem/report.ts'
import { blameless, patternOf } from '../../postmortem/wording.ts'
import { visible } from '../../schemas/visible.ts'

export interface Speech {
  /** the same text for every language */
  quoted(text: string): string
  /** a text that has a version per language, such as those of a diagnosis; English if a language is missing */
  told(texts: Readonly<Record<string, string>>): Text
  /** what was reworded so far */
  wording(): Report['wording']
}

const LONGEST = 400

/** `names`: of people, as `namesIn` lists them. `services` are named as they are, whatever words are in their names. */
export function createSpeech(names: readonly string[], services: readonly string[]): Speech {
  const people = patternOf(names)
  const named = services.filter((one) => blameless(one, 'en', people).found.length > 0)
  const apart = patternOf(named)
  const counts = new Map<string, Report['wording'][number]>()
  const before = new Map<string, string>()
  // a text that appears in several places counts once
  const said = (text: string, language: Language): string => {
    const key = `${language} ${text}`
    const kind = before.get(key) ?? reworded(text, language)
    before.set(key, kind)
    return kind
  }
  const reworded = (text: string, language: Language): string => {
    const line = visible(text.replace(/\s+/g, ' ').trim())
    const short = line.length > LONGEST ? `${line.slice(0, LONGEST).toWellFormed()}…` : line
    const parts = partsOf(short, apart).map(({ text: part, isName }) =>
      isName ? { text: part, found: [] } : blameless(part, language, people),
    )
    for (const { rule, words } of parts.flatMap(({ found }) => found)) {
      const key = `${rule} ${words?.toLowerCase() ?? ''}`
      const known = counts.get(key) ?? { rule, words, count: 0 }
      counts.set(key, { ...known, count: known.count + 1 })
    }
    return parts.map(({ text: part }) => part).join('')
  }
  return {
    quoted: (text) => said(text, /\p{Script=Han}/u.test(text) ? 'zh-TW' : 'en'),
    told: (texts) => ({
      en: said(texts['en'] ?? '', 'en'),
      'zh-TW': said(texts['zh-TW'] ?? texts['en'] ?? '', 'zh-TW'),
    }),
    wording: () => [...counts.values()],
  }
}

/** The text, cut where a service is named. */
function partsOf(text: string, names: RegExp | null): { text: string; isName: boolean }[] {
  const parts = []
  let from = 0
  for (const found of names === null ? [] : text.matchAll(names)) {
    parts.push({ text: text.slice(from, found.index), isName: false }, { text: found[0], isName: true })
    from = found.index + found[0].length
  }
  return [...parts, { text: text.slice(from), isName: false }]
}
