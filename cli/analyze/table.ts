/** Columns of text under each other, as wide as the terminal allows. */
import { stripVTControlCharacters } from 'node:util'

/** The last column takes what is left, and is cut with `…`. Numbers stand right. */
export function table(rows: readonly (readonly string[])[], columns: number): string {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => widthOf(row[at] ?? ''))))
  const left = columns - widths.slice(0, -1).reduce((sum, width) => sum + width + 2, 0)
  return rows
    .map((row) =>
      row
        .map((cell, at) => {
          if (at === row.length - 1) return cut(cell, Math.max(left, 20))
          const space = ' '.repeat((widths[at] ?? 0) - widthOf(cell))
          return /^[-+]?[\d.]+%?$/.test(cell) ? space + cell : cell + space
        })
        .join('  ')
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('')
}

export const cut = (text: string, width: number): string =>
  widthOf(text) <= width ? text : `${[...text].slice(0, Math.max(0, width - 1)).join('')}…`

/** Chinese characters take two columns. */
const widthOf = (text: string): number =>
  [...stripVTControlCharacters(text)].reduce(
    (sum, character) => sum + (/[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]/.test(character) ? 2 : 1), // prettier-ignore
    0,
  )
