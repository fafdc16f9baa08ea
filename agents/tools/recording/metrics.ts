import type { Series } from '../../../analysis/observations.ts'
import { answer } from '../answer.ts'
import { compare } from '../comparison.ts'
import type { MetricSeries, MetricsTool } from '../tools.ts'
import type { RecordingSource } from './source.ts'

/** Golden signals as they were recorded: indicators keep their recorded names. */
export const recordedMetrics = (source: RecordingSource): MetricsTool => ({
  goldenSignals: ({ service, indicator, range, baseline }) =>
    answer({ tool: 'prometheus', operation: 'golden-signals', query: queryOf(service, indicator), range }, async () => {
      const { observations } = await source.read()
      const start = Math.min(range.start, baseline?.start ?? range.start)
      const series = observations.series
        .filter((one) => one.service === service && (indicator === undefined || one.indicator === indicator))
        .map((one) => within(one, start, range.end))
        .filter((one) => one.times.length > 0)
      if (series.length === 0) return { data: null, summary: `no samples of ${service} in that time` }
      const comparison = compare(series, range, baseline)
      return { data: { profile: 'recording', series, comparison }, summary: `${series.length} series of ${service}` }
    }),
})

const queryOf = (service: string, indicator: string | undefined): string =>
  `metrics.csv service=${service}${indicator === undefined ? '' : ` indicator=${indicator}`}`

/** Times ascend, so the part asked for is one slice. */
function within(
  { service, instance, indicator, unit, times, values }: Series,
  start: number,
  end: number,
): MetricSeries {
  const from = lowerBound(times, start)
  const to = lowerBound(times, end + 1)
  return {
    service,
    ...(instance === undefined ? {} : { instance }),
    indicator,
    ...(unit === undefined ? {} : { unit }),
    times: Array.from(times.subarray(from, to)),
    values: Array.from(values.subarray(from, to)),
  }
}

export function lowerBound(ascending: Float64Array, value: number): number {
  let low = 0
  let high = ascending.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((ascending[middle] ?? 0) < value) low = middle + 1
    else high = middle
  }
  return low
}
