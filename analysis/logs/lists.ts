/** Lists of words in brackets, such as `[admin, editor]`: their length does not change the template. */

const LIST = '<list>'
const OPENING = /^\W*[[({]/
const CLOSING = /[\])}]/

/** The words with each list of two and more as one; null: there is none. */
export function withoutLists(keys: readonly string[]): string[] | null {
  const folded: string[] = []
  for (let at = 0; at < keys.length; at += 1) {
    const end = OPENING.test(keys[at]!) ? endOf(keys, at) : at
    folded.push(end > at ? LIST : keys[at]!)
    at = end
  }
  return folded.length < keys.length ? folded : null
}

/** Where the list that opens at `from` closes; `from` if it is no list. */
function endOf(keys: readonly string[], from: number): number {
  let at = from
  while (keys[at]?.endsWith(',') === true) at += 1
  return at > from && CLOSING.test(endOfWord(keys[at] ?? '')) ? at : from
}

/** What follows the last letter, digit, or underscore. */
const endOfWord = (key: string): string => key.split(/\w/).at(-1)!
