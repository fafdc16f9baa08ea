/** What somebody may have meant who wrote a name that nobody knows. */
import { distance } from 'fastest-levenshtein'

const SHOWN = 3
/** One letter in so many may be wrong; two that changed places are two. */
const LETTERS_A_MISTAKE = 3
const fewest = (letters: number): number => (letters > 3 ? 2 : 1)

/** The nearest first; names that contain it, or that it contains, count as near. */
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
