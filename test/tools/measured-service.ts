/** Samples of services for Prometheus over half an hour; in the last ten minutes they are slow and fail. */
import type { Sample } from '../servers/prometheus.ts'

export const END = Math.floor(Date.now() / 1000) - 60
export const START = END - 30 * 60
export const FAULT = END - 10 * 60

export interface Measured {
  counter: string
  buckets: string
  /** units of the buckets per second */
  scale?: number
  labels: Record<string, string>
  /** labels of a successful request */
  good: Record<string, string>
  /** labels of a failed request */
  failed: Record<string, string>
  /** s between samples */
  everyS?: number
  start?: number
  end?: number
  faultAt?: number
}

/** 10 requests per second of 30 ms; after the fault of 800 ms, and every fifth fails. */
export function* requests(service: Measured): Generator<Sample> {
  const { counter, buckets, scale = 1, labels, good, failed, everyS = 15 } = service
  const { start = START, end = END, faultAt = FAULT } = service
  const edges = [0.01, 0.05, 0.1, 0.5, 1, 5].map((edge) => edge * scale)
  const each = everyS * 10
  let [goods, fails] = [0, 0]
  const counts = edges.map(() => 0)
  for (let seconds = start; seconds <= end; seconds += everyS) {
    const faulty = seconds > faultAt
    goods += faulty ? each * 0.8 : each
    fails += faulty ? each * 0.2 : 0
    const took = (faulty ? 0.8 : 0.03) * scale
    edges.forEach((edge, index) => (counts[index] = (counts[index] ?? 0) + (took <= edge ? each : 0)))
    yield { name: counter, labels: { ...labels, ...good }, seconds, value: goods }
    if (faulty) yield { name: counter, labels: { ...labels, ...failed }, seconds, value: fails }
    for (const [index, edge] of edges.entries())
      yield { name: buckets, labels: { ...labels, le: String(edge) }, seconds, value: counts[index] ?? 0 }
    yield { name: buckets, labels: { ...labels, le: '+Inf' }, seconds, value: goods + fails }
  }
}

/** A metric with `value(seconds since the start)`. */
export function* samples(
  name: string,
  labels: Record<string, string>,
  value: (elapsed: number) => number,
): Generator<Sample> {
  for (let seconds = START; seconds <= END; seconds += 15)
    yield { name, labels, seconds, value: value(seconds - START) }
}
