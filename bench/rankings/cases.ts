/** A case of an evaluation: a question with its answer. The answer is stored next to the observations, not in them. */
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { parse } from 'csv-parse/sync'
import type { Observations, Series, TimeRange } from '../../analysis/observations.ts'

export interface EvaluationCase {
  /** the measured system, the unit of leave-one-system-out */
  system: string
  /** its row in the table */
  group: string
  id: string
  /** kind of the injected fault, if known */
  kind?: string
  /** the faulty service; null: nothing was wrong */
  truth: string | null
  /** id of the change that did it; null: no change did; absent: the set does not say */
  guilty?: string | null
  /** of the lab's faults: what must be concluded, and what must not */
  expected?: Expected
  /** where requests enter, for the baseline that always blames it */
  front: string
  /** loads the observations on demand, because not all sets fit in memory */
  observations: () => Observations
  /** the observations with the onset, for a question that leaves it out; absent: the question states it */
  exactly?: () => Observations
}

export interface Expected {
  /** what happened, in words */
  happened: string
  verdicts: readonly string[]
  /** services that must not be blamed */
  innocent: readonly string[]
}

export interface EvaluationSet {
  name: string
  cases: EvaluationCase[]
}

export const MINUTE = 60_000

/** Skips lines that two writers interleaved. */
export function csvRows(file: string): string[][] {
  const raw = readFileSync(file)
  return parse(file.endsWith('.gz') ? gunzipSync(raw) : raw, {
    relax_column_count: true,
    skip_records_with_error: true,
  })
}

/** Points in order; a cell without a number is an absent point. */
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

/** The parts of the series within any of the ranges. */
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
