/**
 * Converts logs and spans to series, so that an incident visible only in them has an onset too (like `count_over_time` in Loki; for spans see
 * `traces/series.ts`).
 */
import { severityOf } from './logs/severity.ts'
import type { LogLine, Observations, Series, TimeRange } from './observations.ts'
import { traceSeries } from './traces/series.ts'

/** Number of steps in a window: an hour has steps of a minute. */
const STEPS = 60
/** Maximum number of steps in a baseline, which may cover days. */
const MOST_STEPS = 1_000

/** Lines, error lines and span metrics per step and service, for the baseline and the window; nothing for the time between them. */
export function toldSeries({ window, baseline, logs, spans }: Observations): Series[] {
  const length = baseline === undefined ? 0 : baseline.end - baseline.start
  const step = Math.max((window.end - window.start) / STEPS, length / MOST_STEPS)
  if (!(step > 0) || (logs.length === 0 && spans.length === 0)) return []
  const inside = (instant: number, { start, end }: TimeRange): boolean => instant >= start && instant < end
  const inBaseline = (instant: number): boolean =>
    baseline !== undefined && inside(instant, baseline) && !inside(instant, window)
  const sides = [inBaseline, (instant: number) => inside(instant, window)].map((isInside) => [
    ...lineRates(
      logs.filter(({ timestamp }) => isInside(timestamp)),
      step,
    ),
    ...traceSeries(
      spans.filter(({ start }) => isInside(start)),
      step,
    ),
  ])
  return joined(sides.flat())
}

/** Line counts per service between the first and the last line of any service; outside that range, they are unknown, not zero. */
function lineRates(lines: readonly LogLine[], step: number): Series[] {
  if (lines.length === 0) return []
  const [from, to] = lines.reduce(
    ([least, most], { timestamp }) => [Math.min(least, timestamp), Math.max(most, timestamp)] as const,
    [Infinity, -Infinity] as const,
  )
  const count = Math.max(1, Math.floor((to - from) / step))
  const times = Float64Array.from({ length: count }, (_, index) => from + index * step)
  return [...Map.groupBy(lines, ({ service }) => service)].flatMap(([service, own]) => {
    const [all, troubled] = [new Float64Array(count), new Float64Array(count)]
    for (const { timestamp, level, message } of own) {
      const at = Math.min(count - 1, Math.floor((timestamp - from) / step))
      all[at]! += 1
      if (severityOf(level, message) !== 'info') troubled[at]! += 1
    }
    return [
      { service, indicator: 'log_rate', times, values: all },
      { service, indicator: 'log_error_rate', times, values: troubled },
    ]
  })
}

/** Joins the parts of a series from baseline and window. */
const joined = (parts: readonly Series[]): Series[] =>
  [...Map.groupBy(parts, ({ service, indicator }) => `${service}\0${indicator}`).values()].map((ones) => ({
    ...ones[0]!,
    times: Float64Array.from(ones.flatMap(({ times }) => [...times])),
    values: Float64Array.from(ones.flatMap(({ values }) => [...values])),
  }))
