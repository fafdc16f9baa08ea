import { median } from '../../analysis/metrics/robust.ts'
import type { TimeRange } from '../../analysis/observations.ts'
import type { Comparison, MetricSeries } from './tools.ts'

/** Medians before and during, null without samples. Without a baseline the list is empty. */
export function compare(
  series: readonly MetricSeries[],
  during: TimeRange,
  before: TimeRange | undefined,
): Comparison[] {
  if (before === undefined) return []
  return series.map(({ service, indicator, unit, times, values }) => ({
    service,
    indicator,
    ...(unit === undefined ? {} : { unit }),
    before: medianWithin(times, values, before),
    during: medianWithin(times, values, during),
  }))
}

function medianWithin(times: readonly number[], values: readonly number[], { start, end }: TimeRange): number | null {
  const inside = values.filter(
    (value, index) => Number.isFinite(value) && (times[index] ?? 0) >= start && (times[index] ?? 0) < end,
  )
  return inside.length === 0 ? null : median(inside)
}
