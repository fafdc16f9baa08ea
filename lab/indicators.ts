/** From counters to indicators: rates and quantiles over a short sliding window, as PromQL's `rate` and `histogram_quantile` compute them. */
import type { Scrape } from './exposition.ts'

/** One point of one indicator of one replica. `time` in ms since the epoch. */
export interface IndicatorSample {
  time: number
  service: string
  instance: string
  indicator: string
  unit: string
  value: number
}

/** What happened between two scrapes of the same process. */
export interface Increase {
  start: number
  end: number
  requests: number
  errors: number
  buckets: ReadonlyMap<number, number>
  cpuSeconds: number
}

export const increase = (from: Scrape, to: Scrape, start: number, end: number): Increase => ({
  start,
  end,
  requests: to.requests - from.requests,
  errors: to.errors - from.errors,
  buckets: new Map([...to.buckets].map(([bound, count]) => [bound, count - (from.buckets.get(bound) ?? 0)])),
  cpuSeconds: to.cpuSeconds - from.cpuSeconds,
})

/** Latency and error ratio are absent where nothing was asked: no request is not a fast one. */
export function indicatorsOf(
  increases: readonly Increase[],
  memoryBytes: number,
): Omit<IndicatorSample, 'time' | 'service' | 'instance'>[] {
  const seconds = sum(increases, ({ start, end }) => (end - start) / 1_000)
  const requests = sum(increases, (each) => each.requests)
  const errors = sum(increases, (each) => each.errors)
  const answered = [
    { indicator: 'latency_p50', unit: 'ms', value: quantile(0.5, increases) },
    { indicator: 'latency_p95', unit: 'ms', value: quantile(0.95, increases) },
    { indicator: 'latency_p99', unit: 'ms', value: quantile(0.99, increases) },
    { indicator: 'error_ratio', unit: 'ratio', value: errors / requests },
  ]
  return [
    ...(requests > 0 ? answered : []),
    { indicator: 'request_rate', unit: '1/s', value: requests / seconds },
    { indicator: 'error_rate', unit: '1/s', value: errors / seconds },
    { indicator: 'cpu', unit: 'cores', value: sum(increases, (each) => each.cpuSeconds) / seconds },
    { indicator: 'memory', unit: 'bytes', value: memoryBytes },
  ]
}

/** Linear within a bucket; the last finite bound for what lies beyond it. ms. */
function quantile(q: number, increases: readonly Increase[]): number {
  const bounds = [...new Set(increases.flatMap(({ buckets }) => [...buckets.keys()]))].sort((a, b) => a - b)
  const counts = bounds.map((bound) => sum(increases, ({ buckets }) => buckets.get(bound) ?? 0))
  const rank = q * (counts.at(-1) ?? 0)
  const at = counts.findIndex((count) => count >= rank)
  const [lower, upper] = [at > 0 ? bounds[at - 1]! : 0, bounds[at]!]
  if (upper === Infinity) return lower * 1_000
  const below = at > 0 ? counts[at - 1]! : 0
  const within = counts[at]! - below
  return (lower + (within > 0 ? ((upper - lower) * (rank - below)) / within : 0)) * 1_000
}

const sum = <T>(items: readonly T[], of: (item: T) => number): number =>
  items.reduce((total, item) => total + of(item), 0)
