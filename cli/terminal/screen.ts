/** Output lines. On a terminal the last ones may still grow: they are redrawn in place, below the permanent ones. */
import type { Writable } from 'node:stream'
import cliTruncate from 'cli-truncate'
import { createLogUpdate } from 'log-update'
import { type Line, shown } from './line.ts'

export interface Screen {
  /** one permanent line */
  print(line: Line): void
  /** replaces the growing lines; a no-op without a terminal */
  grow(lines: readonly Line[]): void
}

/** A stream that may be a terminal. */
export type Output = Writable & { isTTY?: boolean; columns?: number }

export function createScreen(out: Output): Screen {
  const write = (line: Line) => void out.write(`${shown(line)}\n`)
  if (!out.isTTY) return { print: write, grow: () => undefined }
  const live = createLogUpdate(out, { showCursor: true })
  let growing: readonly Line[] = []
  const draw = () => {
    if (growing.length > 0)
      live(growing.map((line) => cliTruncate(shown(line), out.columns ?? Number.POSITIVE_INFINITY)).join('\n'))
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
