/** Who calls whom. Cycles, edges to oneself and services that nothing else was seen of are all fine. */
import { nestedCalls } from '../logs/nested-calls.ts'
import type { CallEdge, LogLine } from '../observations.ts'
import { callEdges, type PlacedSpan } from '../traces/tree.ts'

/**
 * The graph that was given, with the calls that spans tell of: a drawn graph is often older than what runs. Where there is neither, what log
 * lines tell.
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

/** Whom nobody calls, and whom a service cannot reach, only a graph tells in which no calls are missing. */
export const isWhole = (edges: readonly CallEdge[]): boolean => !edges.some(({ inferred }) => inferred === true)

/** All that has a path of calls to or from the service, whichever way they go; null where the graph does not know it, or not all of its calls. */
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

/** Whether one calls the other, directly or not; null: no graph tells. */
export type Paths = (a: string, b: string) => boolean | null

/** Each service is followed once, whoever asks. */
export function pathsIn(edges: readonly CallEdge[]): Paths {
  const known = new Map<string, ReadonlySet<string> | null>()
  const isTold = edges.length > 0 && isWhole(edges)
  const below = (service: string): ReadonlySet<string> | null => {
    if (!known.has(service)) known.set(service, reachedFrom(service, edges))
    return known.get(service)!
  }
  return (a, b) => (isTold ? below(a)?.has(b) === true || below(b)?.has(a) === true : null)
}

/** The service and all it calls, directly or not; null where the graph does not know it, or not all of its calls. */
export function reachedFrom(service: string | undefined, edges: readonly CallEdge[]): ReadonlySet<string> | null {
  const callees = Map.groupBy(edges, ({ from }) => from)
  if (service === undefined || !callees.has(service) || !isWhole(edges)) return null
  const reached = new Set([service])
  for (const one of reached) for (const { to } of callees.get(one) ?? []) reached.add(to)
  return reached
}
