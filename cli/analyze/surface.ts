/** Where the offline commands write. The entry point fills it, so that no command knows a stream or the environment. */
import type { Writable } from 'node:stream'
import type { Language } from '../../gateway/present/language.ts'

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

/** Waits while the reader is slower, so that a large answer does not gather in memory. */
export async function write({ out }: Pick<Surface, 'out'>, text: string): Promise<void> {
  if (text === '' || out.write(text)) return
  await new Promise((resolve) => out.once('drain', resolve))
}

/** Progress is for a person only, and is wiped when it is over. */
export function progress({ err, errIsTerminal }: Surface): { show(text: string): void; end(): void } {
  return {
    show: (text) => void (errIsTerminal && err.write(`\r\x1b[2K${text}`)),
    end: () => void (errIsTerminal && err.write('\r\x1b[2K')),
  }
}
