/**
 * Time a service waits as a client is spent in its callees or on the network to them. If no callee was slow itself, the wait is attributed
 * to the callees whose callers all waited: a network delay is the gap between the client's time and the server's (Dapper,
 * Google, 2010), and metrics of both sides show it without a trace.
 */
import { largest } from '../extremes.ts'
import type { Families } from './families.ts'
import type { CallEdge } from '../observations.ts'

/** Share of its waiting that a service keeps if its callees were measured too. */
const OWN_SHARE = 0.4

/** Exponent between the mean (1) and the sum (0) over callers: several waiting callers confirm each other, callers that do not wait count against it. */
const AGREEING = 0.75

/** Share of a caller's slowness that its callees must leave unexplained: what is left of a fault nearby is no wait of its own. */
const UNEXPLAINED = 0.5

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
  for (const [service, shared] of sharedWaits(own, callees, between))
    own.get(service)?.set('waited', Math.max(shared, own.get(service)?.get('waited') ?? 0))
  for (const [service, families] of own) {
    const waiting = (families.get('waiting') ?? 0) * (callees.has(service) ? OWN_SHARE : 1)
    families.delete('waiting')
    if (waiting > 0) families.set('latency', Math.max(waiting, families.get('latency') ?? 0))
  }
}

/**
 * Several services that became slow at once, none of them because of a callee that is slow itself, wait for what all of them call: it or the network to
 * it is slow, though its own measurements do not show it.
 */
function sharedWaits(
  own: ReadonlyMap<string, Families>,
  callees: ReadonlyMap<string, readonly CallEdge[]>,
  between: readonly CallEdge[],
): [string, number][] {
  const slowness = (service: string): number => Math.max(0, own.get(service)?.get('latency') ?? 0)
  const explained = (service: string): number =>
    largest(
      (callees.get(service) ?? []).map(({ to }) => Math.max(slowness(to), own.get(to)?.get('saturation') ?? 0)),
      0,
    )
  return [...Map.groupBy(between, ({ to }) => to)].flatMap(([service, calls]): [string, number][] => {
    const callers = [...new Set(calls.map(({ from }) => from))]
    const waits = callers.map((from) => slowness(from) - explained(from))
    if (waits.length < 2 || waits.some((wait, at) => wait <= UNEXPLAINED * slowness(callers[at]!))) return []
    return [[service, waits.reduce((sum, wait) => sum + wait, 0) / waits.length ** AGREEING]]
  })
}
