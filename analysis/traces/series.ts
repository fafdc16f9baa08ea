/**
 * Converts traces to series, so that they can be analysed like metrics: self time, originating errors and span rate per service (RED metrics
 * like the span metrics of the OpenTelemetry Collector; self time as in MicroRank, Yu et al., WWW 2021).
 */
import type { Series, Span } from '../observations.ts'
import { placeSpans, type PlacedSpan } from './tree.ts'

/**
 * One point at the end of each step in which the service has spans: `span_self_time` (mean, ms), `span_error_ratio` (errors that originate
 * there) and `span_rate` (1/s; also 0 for steps without spans between the first and the last).
 */
export function traceSeries(spans: readonly Span[], stepMs: number): Series[] {
  const services = Map.groupBy(placeSpans(spans), ({ span }) => span.service)
  const steps = (spans: readonly PlacedSpan[]): Map<number, PlacedSpan[]> =>
    Map.groupBy(spans, ({ span }) => Math.floor(span.start / stepMs))
  return [...services].flatMap(([service, all]) => {
    const bins = [...steps(all)].sort(([a], [b]) => a - b)
    const evidence = all.find(({ span }) => span.evidence !== undefined)?.span.evidence
    const series = (indicator: string, unit: string, of: (spans: readonly PlacedSpan[]) => number): Series => ({
      service,
      indicator,
      unit,
      times: Float64Array.from(bins, ([step]) => (step + 1) * stepMs),
      values: Float64Array.from(bins, ([, spans]) => of(spans)),
      ...(evidence === undefined ? {} : { evidence }),
    })
    return [
      series('span_self_time', 'ms', (spans) => spans.reduce((sum, { self }) => sum + self, 0) / spans.length),
      series('span_error_ratio', '1', (spans) => spans.filter(({ errorOrigin }) => errorOrigin).length / spans.length),
      rate(service, bins, stepMs, evidence),
    ]
  })
}

function rate(
  service: string,
  bins: readonly (readonly [number, readonly PlacedSpan[]])[],
  stepMs: number,
  evidence: string | undefined,
): Series {
  const counts = new Map(bins.map(([step, spans]) => [step, spans.length]))
  const [first = 0, last = 0] = [bins[0]?.[0], bins.at(-1)?.[0]]
  const steps = Array.from({ length: last - first + 1 }, (_, at) => first + at)
  return {
    service,
    indicator: 'span_rate',
    unit: '1/s',
    times: Float64Array.from(steps, (step) => (step + 1) * stepMs),
    values: Float64Array.from(steps, (step) => ((counts.get(step) ?? 0) * 1_000) / stepMs),
    ...(evidence === undefined ? {} : { evidence }),
  }
}
