/** The output of the offline commands. Set by the entry point, so that commands do not access streams or the environment. */
import type { Writable } from 'node:stream'
import type { Language } from '../../gateway/present/language.ts'
import { visibleLines } from '../../schemas/visible.ts'
import { type Line, shown } from '../terminal/line.ts'

export interface Surface {
  out: Writable
  err: Writable
  /** output is a terminal: print tables instead of CSV */
  outIsTerminal: boolean
  errIsTerminal: boolean
  /** width of the terminal */
  columns: number
  /** language of texts for people */
  language: Language
}

/** Writes multi-line text for programs, with back-pressure, so that large output does not accumulate in memory. */
export const write = ({ out }: Pick<Surface, 'out'>, text: string): Promise<void> => drained(out, visibleLines(text))

/** Writes lines for people. */
export const show = ({ out }: Pick<Surface, 'out'>, lines: readonly Line[]): Promise<void> =>
  drained(out, lines.map((line) => `${shown(line)}\n`).join(''))

/** Writes a line to standard error, such as a problem with an input. */
export const tell = ({ err }: Pick<Surface, 'err'>, line: string): void => void err.write(`${shown(line)}\n`)

async function drained(out: Writable, text: string): Promise<void> {
  if (text === '' || out.write(text)) return
  await new Promise((resolve) => out.once('drain', resolve))
}

/** Shows progress on a terminal only, and clears it at the end. */
export function progress({ err, errIsTerminal }: Surface): { show(text: string): void; end(): void } {
  return {
    show: (text) => void (errIsTerminal && err.write(`\r\x1b[2K${shown(text)}`)),
    end: () => void (errIsTerminal && err.write('\r\x1b[2K')),
  }
}
