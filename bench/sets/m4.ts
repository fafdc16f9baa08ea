/**
 * The weekly series of the M4 competition (Makridakis, Spiliotis and Assimakopoulos, 2020): 359 histories and the 13 weeks after each, from
 * `Weekly-train.csv` and `Weekly-test.csv`, one series per row.
 */
import { join } from 'node:path'
import { csvRows } from '../rankings/cases.ts'

export interface Continued {
  id: string
  history: Float64Array
  /** the weeks after the history */
  actual: Float64Array
}

export function m4Weekly(root: string): Continued[] {
  const [histories, rest] = ['train', 'test'].map((part) => seriesOf(join(root, `Weekly-${part}.csv`)))
  return [...histories!].map(([id, history]) => ({ id, history, actual: rest!.get(id)! }))
}

/** Rows of shorter series end in empty cells. */
const seriesOf = (file: string): Map<string, Float64Array> =>
  new Map(
    csvRows(file)
      .slice(1)
      .map(([id, ...cells]) => [
        id!,
        Float64Array.from(
          cells.filter((cell) => cell !== ''),
          Number,
        ),
      ]),
  )
