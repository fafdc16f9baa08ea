/** Fifty generated services: what an exporter would report of them at a time, and what they log. One of them fails from a time on. */
import { randomFrom } from '../rankings/measures.ts'

export const SERVICES = Array.from({ length: 50 }, (_, index) => `service-${String(index).padStart(2, '0')}`)
export const FAILING = SERVICES[17]!
const INSTANCES = ['a', 'b']

export interface Sample {
  name: string
  labels: Record<string, string>
  value: number
}

const BOUNDS_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1]
/** Share of the requests within each bound. */
const HEALTHY = [0.05, 0.2, 0.6, 0.85, 0.95, 0.99, 0.998, 1]
const SLOW = [0.01, 0.05, 0.15, 0.3, 0.45, 0.7, 0.9, 1]
const FAILED = { healthy: 0.002, failing: 0.2 }

/** Counters at `ms`, continuous in time; `failsFrom` in ms. The load of each service swings by a tenth. */
export function samplesAt(ms: number, failsFrom: number): Sample[] {
  return SERVICES.flatMap((service, index) =>
    INSTANCES.flatMap((instance) => {
      const labels = { service, pod: `${service}-${instance}` }
      const seconds = ms / 1000 - EPOCH_S
      const rate = 5 + (index % 7)
      const swing = (at: number) => rate * (at + 30 * Math.sin(at / 300 + index))
      const bad = service === FAILING ? Math.max(0, swing(seconds) - swing(failsFrom / 1000 - EPOCH_S)) : 0
      const [good, all] = [swing(seconds) - bad, swing(seconds)]
      const failed = FAILED.healthy * good + FAILED.failing * bad
      const within = BOUNDS_S.map((bound, at) => ({ bound: String(bound), count: HEALTHY[at]! * good + SLOW[at]! * bad })) // prettier-ignore
      const counts: [string, Record<string, string>, number][] = [
        ['http_requests_total', { status: '200' }, all - failed],
        ['http_requests_total', { status: '500' }, failed],
        ...[...within, { bound: '+Inf', count: all }].map(({ bound, count }): (typeof counts)[number] => ['http_request_duration_seconds_bucket', { le: bound }, count]), // prettier-ignore
        ['http_request_duration_seconds_count', {}, all],
        ['http_request_duration_seconds_sum', {}, 0.04 * good + 0.4 * bad],
        ['process_cpu_seconds_total', {}, 0.02 * all],
        ['process_resident_memory_bytes', {}, 2e8 + 1e7 * Math.sin(seconds / 200 + index)],
      ]
      return counts.map(([name, more, value]) => ({ name, labels: { ...labels, ...more }, value }))
    }),
  )
}
/** Counters start here, so that they are small. */
const EPOCH_S = 1_760_000_000

export interface LogLine {
  service: string
  ms: number
  line: string
}

/** Ten lines a minute of each service, and thirty more of the failing one. */
export function linesBetween(from: number, to: number, failsFrom: number): LogLine[] {
  return SERVICES.flatMap((service, index) => {
    const every = (ms: number) => Array.from({ length: Math.ceil((to - from) / ms) }, (_, at) => Math.ceil(from / ms) * ms + at * ms).filter((time) => time < to) // prettier-ignore
    const failing = service === FAILING ? every(2000).filter((ms) => ms >= failsFrom) : []
    return [
      ...every(6000).map((ms) => ({ service, ms, line: usual(randomFrom(ms + index)) })),
      ...failing.map((ms) => ({ service, ms: ms + 1, line: unusual(randomFrom(ms)) })),
    ].sort((a, b) => a.ms - b.ms)
  })
}

const PATHS = ['/cart', '/cart/items', '/checkout', '/products', '/products/recommended', '/health']
const hex = (random: () => number) => Math.floor(random() * 2 ** 48).toString(16).padStart(12, '0') // prettier-ignore

const usual = (random: () => number): string =>
  JSON.stringify({
    level: 'info',
    message: `GET ${PATHS[Math.floor(random() * PATHS.length)]} 200 in ${(random() * 80).toFixed(1)} ms for user ${Math.floor(random() * 10_000)}`,
    trace_id: hex(random),
  })

const unusual = (random: () => number): string =>
  JSON.stringify({
    level: 'error',
    message: `connection refused by 10.0.${Math.floor(random() * 4)}.${Math.floor(random() * 250)}:5432 after ${(random() * 900).toFixed(0)} ms`,
    trace_id: hex(random),
  })
