/**
 * A service that is gone is the cause of what its callers suffer, and of the quiet below it: a callee that is merely not asked any more
 * did nothing. Failures and waiting pass from callee to caller; silence passes the other way (starvation, as queueing networks know it:
 * Denning and Buzen, 1978).
 */
import type { TemplateChange } from '../logs/changes.ts'
import type { Deviation } from '../metrics/deviation.ts'
import type { CallEdge } from '../observations.ts'
import { type Families, isTrouble } from './families.ts'
import { isWhole } from './graph.ts'

/** Nothing else weighs as much: a process that is there may be a victim, one that is gone hardly ever is. */
const GONE = 2

/** Changes the families. `gone`: services of which nothing reports any more. */
export function settleDeaths(
  own: ReadonlyMap<string, Families>,
  { deviations, logs, edges }: { deviations: readonly Deviation[]; logs: readonly TemplateChange[]; edges: readonly CallEdge[] }, // prettier-ignore
  gone: ReadonlySet<string>,
): void {
  if (gone.size === 0) return
  const starved = starvedBy(gone, deviations, edges)
  const complaining = new Set(
    logs.filter((one) => isTrouble(one) && one.kind !== 'silent').map(({ service }) => service),
  )
  for (const [service, families] of own) {
    if (starved.has(service)) {
      families.delete('absent')
      families.delete('traffic')
      if (!complaining.has(service)) families.delete('logs')
    } else if (gone.has(service)) families.set('absent', GONE * (families.get('absent') ?? 0))
  }
}

/** Whom nobody asks any more: what requests alone tell of them stopped or fell, below one that is gone. */
function starvedBy(
  gone: ReadonlySet<string>,
  deviations: readonly Deviation[],
  edges: readonly CallEdge[],
): Set<string> {
  const byService = Map.groupBy(deviations, ({ series }) => series.service)
  const isQuiet = (service: string): boolean => (byService.get(service) ?? []).every(isOfRequests)
  const below = isWhole(edges) && edges.length > 0 ? reachedFromAll(gone, edges) : new Set(byService.keys())
  return new Set(
    [...below].filter((service) => isQuiet(service) && (below.size < byService.size || !gone.has(service))),
  )
}

/** What stops when requests do; what a process uses goes on. */
const isOfRequests = ({ absent, meaning }: Deviation): boolean => !absent || meaning !== 'saturation'

function reachedFromAll(from: ReadonlySet<string>, edges: readonly CallEdge[]): Set<string> {
  const callees = Map.groupBy(edges, (edge) => edge.from)
  const reached = new Set<string>()
  const next = [...from]
  for (const one of next)
    for (const { to } of callees.get(one) ?? [])
      if (to !== one && !reached.has(to)) {
        reached.add(to)
        next.push(to)
      }
  return reached
}
