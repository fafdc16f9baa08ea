/** Who calls whom. Cycles, edges to oneself and services that nothing else was seen of are all fine. */
import type { CallEdge } from '../observations.ts'

/** The service and all it calls, directly or not; null where the graph does not know it. */
export function reachedFrom(service: string | undefined, edges: readonly CallEdge[]): ReadonlySet<string> | null {
  const callees = Map.groupBy(edges, ({ from }) => from)
  if (service === undefined || !callees.has(service)) return null
  const reached = new Set([service])
  for (const one of reached) for (const { to } of callees.get(one) ?? []) reached.add(to)
  return reached
}
