/**
 * Computes a service's indicators from its counters as PromQL does (the profiles `http-requests`, `process`, `volume-claims` and `db-connections` in agents/tools/prometheus), so that
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
  /** the last one of the current process; null: it did not answer */
  scrape: Scrape | null
  at: number
  windowMs: number
}

const REQUESTS = 'http_requests_total'
const BUCKETS = 'http_request_duration_seconds_bucket'
const CPU = 'process_cpu_seconds_total'

type Gauged = [indicator: string, unit: string, value: (scrape: Scrape) => number | null]

const GAUGED: readonly Gauged[] = [
  ['memory', 'bytes', (scrape) => valueOf(scrape, 'process_resident_memory_bytes')],
  ['memory_ratio', 'ratio', share('process_resident_memory_bytes', 'container_spec_memory_limit_bytes')],
  ['connections', 'ratio', share('db_client_connection_count{db_client_connection_state="used"}', 'db_client_connection_max')], // prettier-ignore
  ['connections_waited_for', 'requests', (scrape) => valueOf(scrape, 'db_client_connection_pending_requests')],
  ['disk', 'ratio', share('kubelet_volume_stats_used_bytes', 'kubelet_volume_stats_capacity_bytes')],
]

export const isCounter = ({ name }: Pick<Sample, 'name'>): boolean =>
  name === REQUESTS || name === BUCKETS || name === CPU

/** An indicator that cannot be computed is absent: no requests do not mean low latency, and an unseen counter is not zero. */
export function indicatorsOf({ counters, scrape, at, windowMs }: Looked): Measured[] {
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
    ...GAUGED.map(([indicator, unit, value]): [string, string, number | null] => [
      indicator,
      unit,
      scrape === null ? null : value(scrape),
    ]),
  ]
  return told.flatMap(([indicator, unit, value]) => (value === null ? [] : [{ indicator, unit, value }]))
}

type Measured = Pick<IndicatorSample, 'indicator' | 'unit' | 'value'>

/** of the first series that begins with this text; null: there is none */
function valueOf(scrape: Scrape, series: string): number | null {
  for (const [name, { value }] of scrape) if (name === series || name.startsWith(`${series}{`)) return value
  return null
}

function share(part: string, whole: string) {
  return (scrape: Scrape): number | null => {
    const [used, most] = [valueOf(scrape, part), valueOf(scrape, whole)]
    return used === null || most === null ? null : used / most
  }
}

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
