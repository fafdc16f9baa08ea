/**
 * Time a service waits as a client is spent in its callees or on the network to them. If no callee was slow itself, the wait is attributed
 * to the callees whose callers all waited: a network delay is the gap between the client's time and the server's (Dapper,
 * Google, 2010), and metrics of both sides show it without a trace.
 */
import { largest } from '../extremes.ts'
import type { Families } from './families.ts'
import type { CallEdge } from '../observations.ts'
import { AGREEING, sharedTrouble } from './shared-trouble.ts'

/** Share of its waiting that a service keeps if its callees were measured too. */
const OWN_SHARE = 0.4

/** Updates `own` in place. `measured`: services with metrics. */
export function settleWaiting(
  own: ReadonlyMap<string, Families>,
  edges: readonly CallEdge[],
  measured: ReadonlySet<string>,
): void {
  const between = edges.filter(({ from, to }) => from !== to && measured.has(from) && measured.has(to))
  const callees = Map.groupBy(between, ({ from }) => from)
  const unexplained = new Map(
    [...own].map(([service, families]) => {
      const waiting = families.get('waiting') ?? 0
      const slow = (callees.get(service) ?? []).map(({ to }) => own.get(to)?.get('latency') ?? 0)
      return [service, Math.max(0, waiting - largest(slow, 0))]
    }),
  )
  for (const [service, callers] of Map.groupBy(between, ({ to }) => to)) {
    const waited = callers.reduce((sum, { from }) => sum + (unexplained.get(from) ?? 0), 0) / callers.length ** AGREEING
    if (waited > 0) own.get(service)?.set('waited', waited)
  }
  for (const [service, family, score] of sharedTrouble(own, callees, between))
    own.get(service)?.set(family, Math.max(score, own.get(service)?.get(family) ?? 0))
  for (const [service, families] of own) {
    const waiting = (families.get('waiting') ?? 0) * (callees.has(service) ? OWN_SHARE : 1)
    families.delete('waiting')
    if (waiting > 0) families.set('latency', Math.max(waiting, families.get('latency') ?? 0))
  }
}
