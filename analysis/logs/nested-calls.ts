/**
 * Who calls whom, as log lines with trace ids tell it: what a service says of a request before another begins to say anything of it and after
 * that one has ended, it says around a call (the nesting of calls in the messages of black boxes: Aguilera et al., "Performance debugging
 * for distributed systems of black boxes", SOSP 2003). A caller that says nothing after its call is not found, and clocks that differ by more
 * than a call takes show its caller in its place, so that a call is told only where nearly all requests with both services have it.
 */
import type { CallEdge, LogLine } from '../observations.ts'

/** Requests: in fewer, calls one after the other seem to lie within each other by chance. */
const ENOUGH = 10
const NEARLY_ALL = 0.9
/** What has more stretches is no request of a user but a batch, in which everything lies within everything. */
const MOST_STRETCHES = 256

/** From the first to the last line of a service in one span or, where lines know only their trace, in that; ms since the epoch. */
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

/** Some of the calls there are: others may show in no line. */
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

/** The shortest of another service that begins before and ends after; null where there is none, or several are as short. */
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
