/**
 * The Numenta Anomaly Benchmark (numenta/NAB; Lavin and Ahmad, ICMLA 2015): 58 series with labelled windows, in folders of files with
 * `labels/combined_windows.json` and `labels/profiles.json`.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { csvRows } from '../rankings/cases.ts'
import type { Weights, Window } from '../series/nab-score.ts'

export interface LabelledSeries {
  id: string
  /** ms since the epoch */
  times: number[]
  values: number[]
  windows: Window[]
}

export function nab(root: string): LabelledSeries[] {
  const labels = JSON.parse(readFileSync(join(root, 'labels', 'combined_windows.json'), 'utf8')) as Record<string, [string, string][]> // prettier-ignore
  return Object.entries(labels).map(([id, limits]) => {
    const rows = csvRows(join(root, id)).slice(1)
    const times = rows.map(([timestamp]) => instant(timestamp!))
    const windows = limits.map((ends): Window => {
      const [first, last] = ends.map((end) => times.indexOf(instant(end))) as [number, number]
      if (first < 0 || last < first) throw new Error(`${id}: no window from ${ends.join(' to ')}`)
      return [first, last]
    })
    return { id, times, values: rows.map((row) => Number(row[1])), windows }
  })
}

export function standardWeights(root: string): Weights {
  const profiles = JSON.parse(readFileSync(join(root, 'labels', 'profiles.json'), 'utf8')) as { standard: { CostMatrix: Weights } } // prettier-ignore
  return profiles.standard.CostMatrix
}

/** Times without a zone are read as UTC, as in `sre analyze anomalies`. */
const instant = (text: string): number => Date.parse(`${text.replace(' ', 'T')}Z`)
