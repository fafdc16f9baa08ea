/**
 * Computes a service's indicators from its counters as PromQL does (the profiles `http-requests` and `process` in agents/tools/prometheus), so that
 * the recording agrees with a Prometheus that scrapes the same services.
 */
import type { Sample, Scrape } from './exposition.ts'
import { type CounterSample, rate } from './rate.ts'

/** One point of one indicator of one replica. `time` in ms since the epoch. */
export interface IndicatorSample {
  time: number
  service: string
  instance: string
  indicator: string
  unit: string
  value: number
}

/** Samples of one counter of one process within the rate window. */
export interface Counter extends Omit<Sample, 'value'> {
  samples: readonly CounterSample[]
}

export interface Looked {
  counters: Iterable<Counter>
  /** of the current process; null: it did not answer */
  memoryBytes: number | null
  at: number
  windowMs: number
}

const REQUESTS = 'http_requests_total'
const BUCKETS = 'http_request_duration_seconds_bucket'
const CPU = 'process_cpu_seconds_total'
const MEMORY = 'process_resident_memory_bytes'

export const isCounter = ({ name }: Pick<Sample, 'name'>): boolean =>
  name === REQUESTS || name === BUCKETS || name === CPU
export const memoryIn = (scrape: Scrape): number | null => scrape.get(MEMORY)?.value ?? null

/** An indicator that cannot be computed is absent: no requests do not mean low latency, and an unseen counter is not zero. */
export function indicatorsOf({ counters, memoryBytes, at, windowMs }: Looked): Measured[] {
  const rates = [...counters].flatMap(({ name, labels, samples }): Rated[] => {
    const perSecond = rate(samples, at, windowMs)
    return perSecond === null ? [] : [{ name, labels, perSecond }]
  })
  const all = rates.filter(({ name }) => name === REQUESTS)
  const requests = total(all)
  const failed = total(all.filter(({ labels }) => /^5..$/.test(labels['status_code'] ?? '')))
  const errors = failed ?? (requests === null ? null : 0)
  const buckets = rates.filter(({ name }) => name === BUCKETS)
  const told: [string, string, number | null][] = [
    ...[50, 95, 99].map((percent): [string, string, number | null] => [
      `latency_p${percent}`,
      'ms',
      quantile(percent / 100, buckets),
    ]),
    ['request_rate', '1/s', requests],
    ['error_ratio', 'ratio', errors !== null && requests !== null && requests > 0 ? errors / requests : null],
    ['error_rate', '1/s', errors],
    ['cpu', 'cores', total(rates.filter(({ name }) => name === CPU))],
    ['memory', 'bytes', memoryBytes],
  ]
  return told.flatMap(([indicator, unit, value]) => (value === null ? [] : [{ indicator, unit, value }]))
}

type Measured = Pick<IndicatorSample, 'indicator' | 'unit' | 'value'>

interface Rated extends Omit<Sample, 'value'> {
  perSecond: number
}

/** null: none of them has a rate */
const total = (rates: readonly Rated[]): number | null =>
  rates.length === 0 ? null : rates.reduce((sum, { perSecond }) => sum + perSecond, 0)

/** `histogram_quantile` in ms: linear within a bucket, the last finite bound beyond it; null if nothing was counted. */
function quantile(q: number, buckets: readonly Rated[]): number | null {
  const byBound = [...Map.groupBy(buckets, ({ labels }) => boundOf(labels))].sort(([a], [b]) => a - b)
  const bounds = byBound.map(([bound]) => bound)
  // each counter is extrapolated by itself, so a larger bucket may come out smaller; make them monotonic
  let most = 0
  const counts = byBound.map(([, rates]) => (most = Math.max(most, total(rates) ?? 0)))
  const rank = q * most
  if (!(most > 0)) return null
  const place = counts.findIndex((count) => count >= rank)
  const [lower, upper] = [bounds[place - 1] ?? 0, bounds[place] ?? Infinity]
  if (upper === Infinity) return lower * 1_000
  const below = counts[place - 1] ?? 0
  const within = (counts[place] ?? 0) - below
  return (lower + ((upper - lower) * (rank - below)) / within) * 1_000
}

const boundOf = ({ le = '' }: Sample['labels']): number => (le === '+Inf' ? Infinity : Number(le))
