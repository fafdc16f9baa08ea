/** Reads points from `query_range` within the server's limits; samples that are not numbers are left out with a warning. */
import { z } from 'zod'
import { smallest } from '../../../analysis/extremes.ts'
import type { TimeRange } from '../../../analysis/observations.ts'
import { entries, items } from '../../../recording/items.ts'
import { parseValue } from '../../../recording/samples.ts'
import { parsed } from '../answer.ts'
import type { Http } from '../http.ts'
import type { CallContext } from '../tools.ts'
import { notes } from '../notes.ts'

/** Prometheus' limit on points per series. */
const MAX_POINTS = 11_000
const USUAL_POINTS = 720
/** With fewer samples, points are closer together than samples. */
const FEWEST_POINTS = 120
/** Other metrics of a service may have samples more often than the one whose interval is known. */
const LONGEST_STEP_S = 15
/** Limit on series per query: configured PromQL may return any number. */
export const MAX_SERIES = 100

export interface Points {
  labels: Readonly<Record<string, string>>
  /** ms since the epoch, ascending */
  times: number[]
  values: number[]
}

const matrix = z.looseObject({
  data: z.looseObject({
    result: items(
      z.looseObject({
        metric: entries(z.string()),
        values: items(z.tuple([z.number(), z.string()])).default([]),
      }),
    ),
  }),
  warnings: items(z.string()).optional(),
  infos: items(z.string()).optional(),
})

/** s between points: as requested, but within the server's limit on points. */
export function stepOf({ start, end }: TimeRange, asked?: number): number {
  const seconds = (end - start) / 1000
  const least = Math.ceil(seconds / (MAX_POINTS - 1))
  return Math.max(asked ?? Math.ceil(seconds / USUAL_POINTS), least, 1)
}

/** s between points if none are requested, so that there are no more points than samples, unless that would be few; 0: the interval between samples is unknown. */
export const sampledStepOf = (parts: readonly TimeRange[], intervalS: number | null): number =>
  Math.floor(smallest([intervalS ?? 0, LONGEST_STEP_S, ...parts.map(({ start, end }) => (end - start) / 1000 / FEWEST_POINTS)])) // prettier-ignore

/** When the first point is due, so that the last is at the end: the newest samples are the ones that count. */
const firstPoint = ({ start, end }: TimeRange, stepS: number): number =>
  end - Math.floor((end - start) / (stepS * 1000)) * stepS * 1000

/** Series without any number are left out; `warnings`: the server's own, and what was left out. */
export async function queryRange(
  http: Http,
  { promql, range, stepS, mostSeries = MAX_SERIES }: { promql: string; range: TimeRange; stepS: number; mostSeries?: number }, // prettier-ignore
  context: CallContext,
): Promise<{ points: Points[]; warnings: string[] }> {
  const form = { query: promql, start: firstPoint(range, stepS) / 1000, end: range.end / 1000, step: stepS }
  const body = await http.json({ path: 'api/v1/query_range', form }, context)
  const { data, warnings = [], infos = [] } = parsed(matrix, 'the points of a query', body)
  const all = data.result.filter(({ values }) => values.length > 0)
  const left = { notNumbers: 0, infinite: 0, outside: 0, unordered: 0 }
  const points = all.slice(0, mostSeries).map(({ metric, values }) => pointsOf(metric, values, range, left))
  const told = [
    ...(all.length > mostSeries ? [notes.fewSeries(promql, mostSeries, all.length)] : []),
    ...(left.infinite > 0 ? [notes.infinite(left.infinite, promql)] : []),
    ...(left.notNumbers > 0 ? [notes.notNumbers(left.notNumbers, promql)] : []),
    ...(left.outside > 0 ? [notes.samplesOutside(left.outside, promql)] : []),
    ...(left.unordered > 0 ? [notes.unordered(promql)] : []),
  ]
  return { points: points.filter(({ times }) => times.length > 0), warnings: [...warnings, ...infos, ...told] }
}

type Left = Record<'notNumbers' | 'infinite' | 'outside' | 'unordered', number>

/** Drops what is not a usable sample and counts it in `left`. A server writes NaN for a missing value. */
function pointsOf(labels: Points['labels'], given: readonly [number, string][], range: TimeRange, left: Left): Points {
  const [times, values]: [number[], number[]] = [[], []]
  for (const [seconds, text] of given) {
    const [time, value] = [seconds * 1000, text.trim() === '' ? null : parseValue(text)]
    if (value === null) left.notNumbers += 1
    else if (value === Infinity || value === -Infinity) left.infinite += 1
    else if (time < range.start - 1 || time > range.end + 1) left.outside += 1
    else if (!Number.isNaN(value)) {
      times.push(time)
      values.push(value)
    }
  }
  if (times.every((time, at) => at === 0 || time > times[at - 1]!)) return { labels, times, values }
  left.unordered += 1
  return { labels, ...ascending(times, values) }
}

/** Of several samples at one timestamp the last counts. */
export function ascending(times: readonly number[], values: readonly number[]): Pick<Points, 'times' | 'values'> {
  const last = new Map(times.map((time, at) => [time, values[at]!]))
  const sorted = [...last].sort(([a], [b]) => a - b)
  return { times: sorted.map(([time]) => time), values: sorted.map(([, value]) => value) }
}
