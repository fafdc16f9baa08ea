/** Where lines go. At a terminal the last ones may still grow: they are drawn again in their place, below what stays. */
import cliTruncate from 'cli-truncate'
import { createLogUpdate } from 'log-update'
import { type Line, shown } from './line.ts'

export interface Screen {
  /** one line that stays */
  print(line: Line): void
  /** the lines that grow, in place of those before; nothing where nobody looks */
  grow(lines: readonly Line[]): void
}

export function createScreen(out: NodeJS.WriteStream): Screen {
  const write = (line: Line) => void out.write(`${shown(line)}\n`)
  if (!out.isTTY) return { print: write, grow: () => undefined }
  const live = createLogUpdate(out, { showCursor: true })
  let growing: readonly Line[] = []
  const draw = () => {
    if (growing.length > 0) live(growing.map((line) => cliTruncate(shown(line), out.columns)).join('\n'))
  }
  return {
    print(line) {
      live.clear()
      write(line)
      draw()
    },
    grow(lines) {
      if (growing.length > 0) live.clear()
      growing = lines
      draw()
    },
  }
}
