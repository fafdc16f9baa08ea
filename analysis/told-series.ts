/**
 * What logs and spans tell as series over time, so that what began in them alone has an onset too (`count_over_time` of the project Loki; the
 * spans as `traces/series.ts` says).
 */
import { severityOf } from './logs/severity.ts'
import type { LogLine, Observations, Series, TimeRange } from './observations.ts'
import { traceSeries } from './traces/series.ts'

/** A window is seen as so many steps, whatever the unit of time: an hour as minutes. */
const STEPS = 60
/** A baseline is seen as so many at most: one of days is no reason for steps without number. */
const MOST_STEPS = 1_000

/** Lines and troubled lines a step, and what spans tell, of each service. The baseline and the window are apart: between them is nothing. */
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

/** Between the first and the last line of anybody a service that says nothing says nothing; outside nothing is known. */
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

/** Both sides of one series as one. */
const joined = (parts: readonly Series[]): Series[] =>
  [...Map.groupBy(parts, ({ service, indicator }) => `${service}\0${indicator}`).values()].map((ones) => ({
    ...ones[0]!,
    times: Float64Array.from(ones.flatMap(({ times }) => [...times])),
    values: Float64Array.from(ones.flatMap(({ values }) => [...values])),
  }))
