/** A part of a text, `[start, end)`. */
export type Span = readonly [start: number, end: number]

/** Finds secrets of one kind in the original text. `hints` are lower case; every text with a match contains at least one of them. */
export interface Finder {
  hints: readonly string[]
  find(text: string): Iterable<Span>
}

/** A finder for a regular expression; the group `keep` is left unmasked. */
export const finder = (hints: readonly string[], pattern: RegExp): Finder => ({
  hints,
  *find(text) {
    for (const match of text.matchAll(pattern)) {
      const start = match.index + (match.groups?.['keep']?.length ?? 0)
      yield [start, match.index + match[0].length]
    }
  },
})
