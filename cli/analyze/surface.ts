/** Where the offline commands write. The entry point fills it, so that no command knows a stream or the environment. */
import type { Writable } from 'node:stream'
import type { Language } from '../../gateway/present/language.ts'
import { visibleLines } from '../../schemas/visible.ts'
import { type Line, shown } from '../terminal/line.ts'

export interface Surface {
  out: Writable
  err: Writable
  /** a person is looking: tables instead of CSV */
  outIsTerminal: boolean
  errIsTerminal: boolean
  /** width of the terminal */
  columns: number
  /** of what is written for people */
  language: Language
}

/** Text for a program, with its line breaks. Waits while the reader is slower, so that a large answer does not gather in memory. */
export const write = ({ out }: Pick<Surface, 'out'>, text: string): Promise<void> => drained(out, visibleLines(text))

/** Lines for a person. */
export const show = ({ out }: Pick<Surface, 'out'>, lines: readonly Line[]): Promise<void> =>
  drained(out, lines.map((line) => `${shown(line)}\n`).join(''))

/** A line beside the output: what is wrong with an input. */
export const tell = ({ err }: Pick<Surface, 'err'>, line: string): void => void err.write(`${shown(line)}\n`)

async function drained(out: Writable, text: string): Promise<void> {
  if (text === '' || out.write(text)) return
  await new Promise((resolve) => out.once('drain', resolve))
}

/** Progress is for a person only, and is wiped when it is over. */
export function progress({ err, errIsTerminal }: Surface): { show(text: string): void; end(): void } {
  return {
    show: (text) => void (errIsTerminal && err.write(`\r\x1b[2K${shown(text)}`)),
    end: () => void (errIsTerminal && err.write('\r\x1b[2K')),
  }
}
