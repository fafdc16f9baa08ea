/** Suggestions for an unknown name. */
import { distance } from 'fastest-levenshtein'

const SHOWN = 3
/** One typing mistake is allowed per this many letters; two swapped letters count as two mistakes. */
const LETTERS_A_MISTAKE = 3
const fewest = (letters: number): number => (letters > 3 ? 2 : 1)

/** Nearest first. Names that contain the given one, or are contained in it, also count as near. */
export function nearNames(name: string, known: readonly string[]): string[] {
  const wanted = name.toLowerCase()
  const near = known.map((one) => ({ one, mistakes: distance(wanted, one.toLowerCase()) }))
  return near
    .filter(
      ({ one, mistakes }) =>
        mistakes <= Math.max(fewest(wanted.length), Math.floor(wanted.length / LETTERS_A_MISTAKE)) ||
        contains(one.toLowerCase(), wanted),
    ) // prettier-ignore
    .sort((a, b) => a.mistakes - b.mistakes || (a.one < b.one ? -1 : 1))
    .slice(0, SHOWN)
    .map(({ one }) => one)
}

const FEWEST_LETTERS = 3
const contains = (known: string, wanted: string): boolean =>
  Math.min(known.length, wanted.length) >= FEWEST_LETTERS && (known.includes(wanted) || wanted.includes(known))
