/** A cart whose memory leaks until it is restarted, as a Prometheus has it: its samples are written for any time, in seconds since the epoch. */
import { noise } from '../analysis/watch/shop.ts'
import { startPrometheus } from '../servers/prometheus.ts'

/** Shares of the memory limit: used without the leak, and leaking per second. */
const USED = 0.3
const LEAK = 0.00035
const LIMIT_BYTES = 256 * 1024 * 1024
/** Upper bounds of the buckets, in s. */
const BOUNDS = [0.01, 0.02, 0.03, 0.04, 0.06, 0.1, 0.25, 0.5]
const REQUESTS = 100
/** How many requests of a second end in each bucket, from which share of the limit on: the less memory is left, the longer garbage is collected. */
const REQUESTS_AT = [
  { share: 0.83, buckets: [0, 20, 30, 15, 15, 10, 5, 5, 0] },
  { share: 0.53, buckets: [10, 45, 30, 15, 0, 0, 0, 0, 0] },
  { share: 0, buckets: [20, 60, 18, 2, 0, 0, 0, 0, 0] },
]

export interface LeakingCart {
  url: string
  /** its memory is as it was from this time on; what is measured afterwards is written until `until` */
  restart(at: number, until: number): Promise<void>
  stop(): Promise<void>
}

/** The leak begins at `leaks`; what is measured is written until `now`. */
export async function leakingCart({
  from,
  leaks,
  now,
}: Record<'from' | 'leaks' | 'now', number>): Promise<LeakingCart> {
  const prometheus = await startPrometheus({ flags: ['--web.enable-otlp-receiver'] })
  let [measured, began, isLeaking] = [from, from, true]
  let buckets = BOUNDS.map(() => 0).concat(0)
  const usedAt = (second: number): number =>
    USED + (isLeaking ? LEAK * Math.max(0, second - leaks) : 0) + 0.005 * noise(second - from)

  function pointsUntil(until: number) {
    const memory = []
    const limit = []
    const cpu = []
    const requests = []
    for (; measured < until; measured += 1) {
      const used = usedAt(measured)
      const ended = REQUESTS_AT.find(({ share }) => used >= share)!.buckets
      buckets = buckets.map((count, at) => count + ended[at]!)
      const place = { attributes: ATTRIBUTES, startTimeUnixNano: nanos(began), timeUnixNano: nanos(measured) }
      memory.push({ ...place, asDouble: Math.round(used * LIMIT_BYTES) })
      limit.push({ ...place, asDouble: LIMIT_BYTES })
      cpu.push({ ...place, asDouble: 0.1 * (measured - began) })
      const count = REQUESTS * (measured - began + 1)
      requests.push({ ...place, count, sum: count * 0.02, bucketCounts: buckets, explicitBounds: BOUNDS })
    }
    return [
      { name: 'process_resident_memory_bytes', gauge: { dataPoints: memory } },
      { name: 'container_spec_memory_limit_bytes', gauge: { dataPoints: limit } },
      { name: 'process_cpu_seconds', sum: { ...CUMULATIVE, isMonotonic: true, dataPoints: cpu } },
      { name: 'http.server.request.duration', unit: 's', histogram: { ...CUMULATIVE, dataPoints: requests } },
    ]
  }

  async function measure(until: number): Promise<void> {
    const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'cart' } }] }
    const body = JSON.stringify({ resourceMetrics: [{ resource, scopeMetrics: [{ metrics: pointsUntil(until) }] }] })
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(`${prometheus.url}/api/v1/otlp/v1/metrics`, { method: 'POST', headers, body })
    if (!answer.ok) throw new Error(`Prometheus refused the samples: ${await answer.text()}`)
  }

  await measure(now)
  return {
    url: prometheus.url,
    async restart(at, until) {
      await measure(at)
      isLeaking = false
      began = at
      buckets = buckets.map(() => 0)
      await measure(until)
    },
    stop: () => prometheus.stop(),
  }
}

const CUMULATIVE = { aggregationTemporality: 2 }
const ATTRIBUTES = [
  { key: 'namespace', value: { stringValue: 'shop' } },
  { key: 'http.response.status_code', value: { intValue: 200 } },
]
const nanos = (second: number): string => `${second}000000000`
