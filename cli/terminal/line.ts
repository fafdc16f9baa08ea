/**
 * One line for a terminal. Strings are untrusted: a plain string is escaped when it is written; a string in a `painted` template is escaped
 * before it is coloured. Only the escape sequences written here reach a screen.
 */
import { styleText } from 'node:util'
import { visible } from '../../schemas/visible.ts'

export type Line = string | Painted

/** A line that is already escaped and contains our colours. */
export class Painted {
  readonly ansi: string
  constructor(ansi: string) {
    this.ansi = ansi
  }
}

/** The characters to write for a line, without the line end. */
export const shown = (line: Line): string => (typeof line === 'string' ? visible(line) : line.ansi)

export const paint = (format: Parameters<typeof styleText>[0], line: Line): Painted =>
  new Painted(styleText(format, shown(line)))

/** A template tag: escapes its parts, except those already painted. */
export const painted = (words: TemplateStringsArray, ...parts: readonly (Line | number)[]): Painted =>
  new Painted(String.raw({ raw: words }, ...parts.map((part) => (typeof part === 'number' ? part : shown(part)))))

export const joined = (parts: readonly Line[], between = ''): Painted => new Painted(parts.map(shown).join(between))
