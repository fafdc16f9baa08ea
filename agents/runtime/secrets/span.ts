/** A part of a text, `[start, end)`. */
export type Span = readonly [start: number, end: number]

/** What finds secrets of one kind. It looks at the text as it came; `hints` are lower case, and one of them is in every text it finds something in. */
export interface Finder {
  hints: readonly string[]
  find(text: string): Iterable<Span>
}

/** A finder by expression: a group `keep` stays in front of what is secret. */
export const finder = (hints: readonly string[], pattern: RegExp): Finder => ({
  hints,
  *find(text) {
    for (const match of text.matchAll(pattern)) {
      const start = match.index + (match.groups?.['keep']?.length ?? 0)
      yield [start, match.index + match[0].length]
    }
  },
})
