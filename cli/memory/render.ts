/** Entries of the memory as lines. Their text is untrusted. */
import type { Language } from '../../gateway/present/language.ts'
import type { Entry, CollectionName, Found } from '../../memory/entry.ts'
import { type Line, paint, painted } from '../terminal/line.ts'
import { texts } from './texts.ts'

const LINES = 3

/** Head, place and the first lines. */
export function foundLines(found: Found, language: Language): Line[] {
  const lines = textLines(found)
  return [
    headOf(found),
    placeOf(found, language),
    ...lines.slice(0, LINES).map((line) => painted`    ${line}`),
    ...(lines.length > LINES ? ['    …'] : []),
  ]
}

export const wholeLines = (entry: Entry & { collection: CollectionName }, language: Language): Line[] => [
  headOf(entry),
  placeOf(entry, language),
  '',
  ...entry.text.split('\n'),
]

const headOf = ({ headings, source }: Entry): Line =>
  paint('bold', headings.length === 0 ? source : headings.join(' › '))

function placeOf(
  { collection, source, services, id }: Entry & { collection: CollectionName },
  language: Language,
): Line {
  const about = services.length === 0 ? [] : [texts.services(services)[language]]
  return paint('dim', ['  ' + texts.collections[collection][language], source, ...about, id].join(' · '))
}

const textLines = ({ text }: Entry): string[] => text.split('\n').filter((line) => line.trim() !== '')
