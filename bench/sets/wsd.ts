/**
 * Minute-series of web services over weeks (the WSD set of alumik/AnoTransfer-data; Zhang et al., "Efficient KPI anomaly detection through transfer
 * learning", IPCCC 2022): `<number>.csv.gz` with absent rows where nothing was measured, and `labels.json` with the spans in which something happened
 * and the instant from which on a series counts.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { csvRows } from '../rankings/cases.ts'
import type { LabelledSeries } from './nab.ts'

export interface MinuteSeries extends LabelledSeries {
  /** index of the first point that counts */
  scoredFrom: number
}

interface Label {
  scored_from: string
  anomalies: [string, string][]
}

export function wsd(root: string): MinuteSeries[] {
  const labels = JSON.parse(readFileSync(join(root, 'labels.json'), 'utf8')) as Record<string, Label>
  return Object.entries(labels).map(([id, { scored_from, anomalies }]) => {
    const rows = csvRows(join(root, `${id}.gz`)).slice(1)
    const times = rows.map(([timestamp]) => Date.parse(timestamp!))
    const firstFrom = (instant: string): number => {
      const at = times.findIndex((time) => time >= Date.parse(instant))
      return at < 0 ? times.length : at
    }
    const windows = anomalies.map(([first, last]) => {
      const end = times.findLastIndex((time) => time <= Date.parse(last))
      if (end < firstFrom(first)) throw new Error(`${id}: no point from ${first} to ${last}`)
      return [firstFrom(first), end] as const
    })
    return { id, times, values: rows.map((row) => Number(row[1])), windows, scoredFrom: firstFrom(scored_from) }
  })
}
