/** What an evaluation is made of: one question with its answer. The answer is beside the observations, never within. */
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { parse } from 'csv-parse/sync'
import type { Observations, Series, TimeRange } from '../../analysis/observations.ts'

export interface EvaluationCase {
  /** the system measured: what leave-one-system-out leaves out */
  system: string
  /** the row of the table it belongs to */
  group: string
  id: string
  /** what was done to it, where that is known */
  kind?: string
  /** the service at fault; null: nothing was wrong */
  truth: string | null
  /** where requests come in, for the baseline that always blames it */
  front: string
  /** reads or makes the observations when they are needed: not all sets fit in memory at once */
  observations: () => Observations
  /** the same with the onset, where the question withholds it; absent: as asked */
  exactly?: () => Observations
}

export interface EvaluationSet {
  name: string
  cases: EvaluationCase[]
}

export const MINUTE = 60_000

/** A line that two writers wrote into at once is no row, and is left out. */
export function csvRows(file: string): string[][] {
  const raw = readFileSync(file)
  return parse(file.endsWith('.gz') ? gunzipSync(raw) : raw, {
    relax_column_count: true,
    skip_records_with_error: true,
  })
}

/** Points in their order; a cell without a number is an absent point. */
export function seriesOf(
  identity: Omit<Series, 'times' | 'values'>,
  times: readonly number[],
  cells: readonly (string | undefined)[],
): Series {
  const kept = cells.flatMap((text, index) => {
    const [time, value] = [times[index]!, Number(text)]
    return text === undefined || text === '' || !Number.isFinite(value) ? [] : [{ time, value }]
  })
  return {
    ...identity,
    times: Float64Array.from(kept, ({ time }) => time),
    values: Float64Array.from(kept, ({ value }) => value),
  }
}

/** What of the series lies in one of the ranges. */
export const cut = (series: readonly Series[], ranges: readonly TimeRange[]): Series[] =>
  series.flatMap((one) => {
    const inside = (time: number): boolean => ranges.some(({ start, end }) => time >= start && time < end)
    const kept = [...one.times.keys()].filter((index) => inside(one.times[index]!))
    return kept.length === 0
      ? []
      : [
          {
            ...one,
            times: Float64Array.from(kept, (index) => one.times[index]!),
            values: Float64Array.from(kept, (index) => one.values[index]!),
          },
        ]
  })

export const EMPTY = { series: [], logs: [], spans: [], edges: [], changes: [] } as const
