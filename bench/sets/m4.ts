/**
 * Series of the M4 competition (Makridakis, Spiliotis and Assimakopoulos, 2020): histories and what came after each. Weekly: 13 weeks, from
 * `Weekly-train.csv` and `Weekly-test.csv`, one series per row. Hourly: 48 hours, from `train.csv` and `test.csv`, one value per row.
 */
import { join } from 'node:path'
import { csvRows } from '../rankings/cases.ts'

export interface Continued {
  id: string
  history: Float64Array
  /** the values after the history */
  actual: Float64Array
  /** the competition's points per season, which the forecaster is told; 1: none */
  season: number
}

export function m4Weekly(root: string): Continued[] {
  const [histories, rest] = ['train', 'test'].map((part) => seriesOf(join(root, `Weekly-${part}.csv`)))
  return [...histories!].map(([id, history]) => ({ id, history, actual: rest!.get(id)!, season: 1 }))
}

export function m4Hourly(root: string): Continued[] {
  const [histories, rest] = ['train', 'test'].map((part) => Map.groupBy(csvRows(join(root, `${part}.csv`)).slice(1), ([id = '']) => id)) // prettier-ignore
  const values = (rows: readonly string[][]): Float64Array => Float64Array.from(rows, (row) => Number(row[2]))
  return [...histories!].map(([id, rows]) => ({
    id,
    history: values(rows),
    actual: values(rest!.get(id)!),
    season: 24,
  }))
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
