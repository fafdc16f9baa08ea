/** The words of a text, in any language. Pure. */

const WORD = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]+|[\p{L}\p{N}]+(?:[._:/-][\p{L}\p{N}]+)*/gu
const CJK = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u

/** Lower case. Names such as `checkout-db` or `ERR_4711` also give their parts; Chinese and Japanese, written without spaces, give pairs of characters. */
export function wordsOf(text: string): string[] {
  return [...text.normalize('NFKC').toLowerCase().matchAll(WORD)].flatMap(([word]) => {
    if (CJK.test(word)) return pairsOf([...word])
    const parts = word.split(/[._:/-]/)
    return parts.length > 1 ? [word, ...parts] : [word]
  })
}

const pairsOf = (characters: readonly string[]): string[] =>
  characters.length === 1 ? [...characters] : characters.slice(1).map((one, at) => `${characters[at]}${one}`)

/** As written in `text`: what must be found to the letter, such as error codes, numbers, and names with a sign or capitals in them. */
export const exactWordsOf = (text: string): string[] => [
  ...new Set(
    [...text.normalize('NFKC').matchAll(WORD)]
      .map(([word]) => word)
      .filter((word) => !CJK.test(word) && word.length > 2 && /\d|[._:/-]|[a-z][A-Z]|^[A-Z]{3,}$/.test(word)),
  ),
]
