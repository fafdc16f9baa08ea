/**
 * Infers calls between services from log lines with trace ids: if a service logs about a request before and after all lines of another
 * service, it called that one (nesting, as in Aguilera et al., "Performance debugging for distributed systems of black boxes", SOSP 2003).
 * A caller that logs nothing after its call is not found. Clock skew longer than a call would give a wrong caller, so a call only counts
 * if nearly all requests with both services show it.
 */
import type { CallEdge, LogLine } from '../observations.ts'

/** Minimum number of requests: in fewer, sequential calls may look nested by chance. */
const ENOUGH = 10
const NEARLY_ALL = 0.9
/** A trace with more stretches is a batch job, in which everything looks nested. */
const MOST_STRETCHES = 256

/** First and last line of a service in one span, or in one trace if lines have no span id; ms since the epoch. */
interface Stretch {
  service: string
  first: number
  last: number
}

interface Nested {
  from: string
  to: string
  traces: Set<string>
}

/** The calls that can be inferred; others may exist. */
export function nestedCalls(logs: readonly LogLine[]): CallEdge[] {
  const said = new Map<string, Set<string>>()
  const calls = new Map<string, Nested>()
  for (const [trace, stretches] of stretchesByTrace(logs)) {
    if (stretches.length > MOST_STRETCHES) continue
    for (const inner of stretches) {
      getOrMake(said, inner.service, () => new Set<string>()).add(trace)
      const outer = tightestAround(inner, stretches)
      if (outer === null) continue
      const [from, to] = [outer.service, inner.service]
      getOrMake(calls, `${from}\0${to}`, () => ({ from, to, traces: new Set<string>() })).traces.add(trace)
    }
  }
  const together = ({ from, to }: Nested): number =>
    [...said.get(from)!].filter((trace) => said.get(to)!.has(trace)).length
  return [...calls.values()]
    .filter((call) => call.traces.size >= ENOUGH && call.traces.size >= NEARLY_ALL * together(call))
    .map(({ from, to }) => ({ from, to, inferred: true }))
}

function stretchesByTrace(logs: readonly LogLine[]): Map<string, Stretch[]> {
  const stretches = new Map<string, Stretch>()
  const traces = new Map<string, Stretch[]>()
  for (const { traceId, spanId = '', service, timestamp } of logs) {
    if (traceId === undefined) continue
    const stretch = getOrMake(stretches, `${traceId}\0${spanId}\0${service}`, () => {
      const begun = { service, first: timestamp, last: timestamp }
      getOrMake(traces, traceId, () => []).push(begun)
      return begun
    })
    stretch.first = Math.min(stretch.first, timestamp)
    stretch.last = Math.max(stretch.last, timestamp)
  }
  return traces
}

/** The shortest stretch of another service that encloses `inner`; null: none, or several of equal length. */
function tightestAround(inner: Stretch, stretches: readonly Stretch[]): Stretch | null {
  const around = stretches.filter(
    ({ service, first, last }) => service !== inner.service && first < inner.first && last > inner.last,
  )
  const length = around.reduce((least, one) => Math.min(least, lengthOf(one)), Infinity)
  const [tightest = null, ...others] = around.filter((one) => lengthOf(one) === length)
  return others.length === 0 ? tightest : null
}

const lengthOf = ({ first, last }: Stretch): number => last - first

function getOrMake<K, V>(map: Map<K, V>, key: K, made: () => V): V {
  const known = map.get(key)
  if (known !== undefined) return known
  const value = made()
  map.set(key, value)
  return value
}
