/** The call graph. Cycles, self-edges and services without any other data are allowed. */
import { nestedCalls } from '../logs/nested-calls.ts'
import type { CallEdge, LogLine } from '../observations.ts'
import { callEdges, type PlacedSpan } from '../traces/tree.ts'

/**
 * The given graph plus the calls seen in spans, because a configured graph is often out of date. Without either, the calls that log lines
 * suggest.
 */
export function graphOf(
  given: readonly CallEdge[],
  spans: readonly PlacedSpan[],
  logs: readonly LogLine[],
): readonly CallEdge[] {
  const told = [...given, ...callEdges(spans)]
  if (told.length === 0) return nestedCalls(logs)
  return [...new Map(told.map((edge) => [`${edge.from}\0${edge.to}`, edge])).values()]
}

/** Only a complete graph shows which services nobody calls, and which a service cannot reach. */
export const isWhole = (edges: readonly CallEdge[]): boolean => !edges.some(({ inferred }) => inferred === true)

/** Every service connected to this one by calls in either direction; null if the graph lacks the service or some of its calls. */
export function connectedTo(service: string | undefined, edges: readonly CallEdge[]): ReadonlySet<string> | null {
  if (service === undefined || !isWhole(edges) || !edges.some(({ from, to }) => from === service || to === service))
    return null
  const connected = new Set([service])
  for (const one of connected)
    for (const { from, to } of edges) {
      if (from === one) connected.add(to)
      if (to === one) connected.add(from)
    }
  return connected
}

/** Whether one calls the other, directly or indirectly; null: no graph shows it. */
export type Paths = (a: string, b: string) => boolean | null

/** Computed once per service. */
export function pathsIn(edges: readonly CallEdge[]): Paths {
  const known = new Map<string, ReadonlySet<string> | null>()
  const isTold = edges.length > 0 && isWhole(edges)
  const below = (service: string): ReadonlySet<string> | null => {
    if (!known.has(service)) known.set(service, reachedFrom(service, edges))
    return known.get(service)!
  }
  return (a, b) => (isTold ? below(a)?.has(b) === true || below(b)?.has(a) === true : null)
}

/** The service and everything it calls, directly or indirectly; null if the graph lacks the service or some of its calls. */
export function reachedFrom(service: string | undefined, edges: readonly CallEdge[]): ReadonlySet<string> | null {
  const callees = Map.groupBy(edges, ({ from }) => from)
  if (service === undefined || !callees.has(service) || !isWhole(edges)) return null
  const reached = new Set([service])
  for (const one of reached) for (const { to } of callees.get(one) ?? []) reached.add(to)
  return reached
}
