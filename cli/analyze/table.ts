/** Columns of text under each other, as wide as the terminal allows. */
import { largest } from '../../analysis/extremes.ts'
import cliTruncate from 'cli-truncate'
import stringWidth from 'string-width'
import { type Line, Painted, shown } from '../terminal/line.ts'

/** The last column takes what is left, and is cut with `…`; without an end nothing is. Numbers stand right. */
export function table(cells: readonly (readonly Line[])[], columns: number): Painted[] {
  const rows = cells.map((row) => row.map(shown))
  const widths = (rows[0] ?? []).map((_, at) => largest(rows.map((row) => stringWidth(row[at] ?? ''))))
  const left = columns - widths.slice(0, -1).reduce((sum, width) => sum + width + 2, 0)
  const lineOf = (row: readonly string[]): string =>
    row
      .map((cell, at) => {
        if (at === row.length - 1) return Number.isFinite(left) ? cliTruncate(cell, Math.max(left, 20)) : cell
        const space = ' '.repeat((widths[at] ?? 0) - stringWidth(cell))
        return /^[-+]?[\d.]+%?$/.test(cell) ? space + cell : cell + space
      })
      .join('  ')
      .trimEnd()
  return rows.map((row) => new Painted(lineOf(row)))
}
