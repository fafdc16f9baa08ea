import type { Series, TimeRange } from '../../../analysis/observations.ts'
import { answer } from '../answer.ts'
import { compare } from '../comparison.ts'
import { timeParts } from '../time-parts.ts'
import type { Recording } from '../../../recording/read.ts'
import type { MetricsAnswer, MetricSeries, MetricsTool } from '../tools.ts'
import { byService, isElsewhere, unreadOf, type RecordingSource } from './source.ts'
import { summaries } from '../notes.ts'

/** Recorded golden signals: all recorded indicators, under their recorded names. */
export const recordedMetrics = (source: RecordingSource): MetricsTool => ({
  goldenSignals: ({ service, indicator, range, baseline, ...place }) =>
    answer({ tool: 'recording', operation: 'golden-signals', query: queryOf(service, indicator), range }, async () => {
      const recording = await source.read()
      const recorded = isElsewhere(source, place) ? [] : (byService(recording).series.get(service) ?? [])
      const warnings = unreadOf(recording, 'metrics.csv')
      const parts = timeParts(range, baseline)
      const series = recorded
        .filter((one) => indicator === undefined || one.indicator === indicator)
        .map((one) => within(one, parts))
        .filter((one) => one.times.length > 0)
      if (series.length === 0) return { data: null, summary: summaries.noSamples(service), warnings }
      const comparison = compare(series, range, baseline)
      return {
        data: { profile: 'recording', ...rateWindowOf(recording), series, comparison },
        summary: summaries.recordedSeries(series.length, service),
        warnings,
      }
    }),
})

const rateWindowOf = ({ incident }: Recording): Pick<MetricsAnswer, 'rate_window_ms'> =>
  incident.rate_window_s === undefined ? {} : { rate_window_ms: incident.rate_window_s * 1000 }

const queryOf = (service: string, indicator: string | undefined): string =>
  `metrics.csv service=${service}${indicator === undefined ? '' : ` indicator=${indicator}`}`

/** Times are ascending, so each part is one slice. Both ends are inclusive, as with a server. */
function within(
  { service, instance, indicator, unit, times, values }: Series,
  parts: readonly TimeRange[],
): MetricSeries {
  const slices = parts.map(({ start, end }) => [firstFrom(times, start), firstAfter(times, end)] as const)
  const taken = (numbers: Float64Array) => slices.flatMap(([from, to]) => Array.from(numbers.subarray(from, to)))
  return {
    service,
    ...(instance === undefined ? {} : { instance }),
    indicator,
    ...(unit === undefined ? {} : { unit }),
    times: taken(times),
    values: taken(values),
  }
}

const firstFrom = (times: Float64Array, instant: number): number => first(times, (time) => time >= instant)
const firstAfter = (times: Float64Array, instant: number): number => first(times, (time) => time > instant)

/** Binary search: the first index where `holds` is true; it stays true after that. */
function first(ascending: Float64Array, holds: (value: number) => boolean): number {
  let low = 0
  let high = ascending.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (holds(ascending[middle] ?? 0)) high = middle
    else low = middle + 1
  }
  return low
}
