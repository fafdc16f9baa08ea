/**
 * A service that is gone explains both the symptoms of its callers and the missing traffic of its callees: a callee whose only
 * symptom is missing requests is not a cause. Failures and waiting spread from callee to caller, missing traffic from caller to callee (starvation in queueing
 * networks: Denning and Buzen, 1978).
 */
import type { TemplateChange } from '../logs/changes.ts'
import type { Deviation } from '../metrics/deviation.ts'
import type { CallEdge } from '../observations.ts'
import { type Families, isTrouble } from './families.ts'
import { isWhole } from './graph.ts'

/** The strongest evidence: a running process may be a victim, a missing one rarely is. */
const GONE = 2

/** Updates `own` in place. `gone`: services that stopped reporting. */
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

/** Services below one that is gone, of which only request metrics stopped or fell. */
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

/** Metrics that stop when requests stop; resource usage of a running process continues. */
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
