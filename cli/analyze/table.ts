/** A table as wide as the terminal. */
import { largest } from '../../analysis/extremes.ts'
import stringWidth from 'string-width'
import wrapAnsi from 'wrap-ansi'
import { type Line, Painted, shown } from '../terminal/line.ts'

/** The last column gets the remaining width and is truncated with `…` (not if `columns` is Infinity). Numbers are right-aligned. */
export function table(cells: readonly (readonly Line[])[], columns: number): Painted[] {
  const rows = cells.map((row) => row.map(shown))
  const widths = (rows[0] ?? []).map((_, at) => largest(rows.map((row) => stringWidth(row[at] ?? ''))))
  const left = columns - widths.slice(0, -1).reduce((sum, width) => sum + width + 2, 0)
  const lineOf = (row: readonly string[]): string =>
    row
      .map((cell, at) => {
        if (at === row.length - 1) return Number.isFinite(left) ? onWords(cell, Math.max(left, 20)) : cell
        const space = ' '.repeat((widths[at] ?? 0) - stringWidth(cell))
        return /^[-+]?[\d.]+%?$/.test(cell) ? space + cell : cell + space
      })
      .join('  ')
      .trimEnd()
  return rows.map((row) => new Painted(lineOf(row)))
}

/** Whole words, as many as fit before the `…`. */
function onWords(cell: string, width: number): string {
  if (stringWidth(cell) <= width) return cell
  const [first = ''] = wrapAnsi(cell, width - 2, { hard: true }).split('\n')
  return `${first} …`
}
