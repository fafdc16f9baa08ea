/**
 * One line for a terminal. Text comes from outside until somebody says otherwise: a plain string is made visible when it is written, and
 * what is put into a `painted` one before it is coloured. So the only escapes that reach a screen are those written here.
 */
import { styleText } from 'node:util'
import { visible } from '../../schemas/visible.ts'

export type Line = string | Painted

/** A line that is visible already, with our own colours in it. */
export class Painted {
  readonly ansi: string
  constructor(ansi: string) {
    this.ansi = ansi
  }
}

/** What is written for a line, without its end. */
export const shown = (line: Line): string => (typeof line === 'string' ? visible(line) : line.ansi)

export const paint = (format: Parameters<typeof styleText>[0], line: Line): Painted =>
  new Painted(styleText(format, shown(line)))

/** A template whose parts are from outside, but for those that are painted. */
export const painted = (words: TemplateStringsArray, ...parts: readonly (Line | number)[]): Painted =>
  new Painted(String.raw({ raw: words }, ...parts.map((part) => (typeof part === 'number' ? part : shown(part)))))

export const joined = (parts: readonly Line[], between = ''): Painted => new Painted(parts.map(shown).join(between))
