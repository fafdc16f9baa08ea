/**
 * An estimate of how many tokens a model reads in a text, meant to be too high rather than too low: models differ, and characters divided by three
 * is too low for numbers, ids and Chinese. test/gateway/mcp-pages.test.ts compares it with two common tokenizers.
 */

/** A capital, up to three other letters, two digits, sixteen spaces, or one other character. */
const PIECES = /[A-Z]|[a-z]{1,3}|\d{1,2}| {1,16}|[^A-Za-z\d ]/gu

const costOf = (piece: string): number => (piece < '\u0080' ? 1 : piece.length === 1 ? 2 : 3)

export function countTokens(text: string): number {
  let tokens = 0
  for (const [piece] of text.matchAll(PIECES)) tokens += costOf(piece)
  return tokens
}

/** How many characters from `start` fit into so many tokens; never splits a character. */
export function fitting(text: string, start: number, tokens: number): number {
  let left = tokens
  // a piece of one token has at most three characters, unless it is blanks, so this is enough text
  const window = text.slice(start, start + tokens * 4)
  for (const { 0: piece, index } of window.matchAll(PIECES)) {
    left -= costOf(piece)
    if (left < 0) return index
  }
  return window.length
}
