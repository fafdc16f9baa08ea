/** What the callers of a service have in common when they are in trouble and it is not: it does not answer, or the network to it is at fault. */
import { largest } from '../extremes.ts'
import type { CallEdge } from '../observations.ts'
import type { Families, Family } from './families.ts'

/** Exponent between the mean (1) and the sum (0) over callers: several troubled callers confirm each other, callers that are not count against it. */
export const AGREEING = 0.75

/** Share of a caller's trouble that its callees must leave unexplained: what is left of a fault nearby is no wait of its own. */
const UNEXPLAINED = 0.5

/** Factors for a service that a single troubled caller points at: with others in trouble because of that one, and without. */
const ONE_ROOT = 0.6
const ONE_CALLER = 0.3
const OF_ITS_OWN = ['latency', 'errors', 'saturation', 'occupied'] as const

/**
 * Several services that became slow at once, or failed, none of them because of a callee in the same trouble, wait for what all of them call: it or the
 * network to it is at fault, though its own measurements do not show it. A single one, with all other callers in trouble because of it, may as well be at
 * fault itself, or wait for any other that has no further callers.
 */
export function sharedTrouble(
  own: ReadonlyMap<string, Families>,
  callees: ReadonlyMap<string, readonly CallEdge[]>,
  between: readonly CallEdge[],
): [string, 'waited' | 'unanswered' | 'pointed_at', number][] {
  const of = (service: string, one: Family): number => Math.max(0, own.get(service)?.get(one) ?? 0)
  const spreading = { latency: ['latency', 'saturation', 'occupied'], errors: ['errors'] } as const
  const shared = [...Map.groupBy(between, ({ to }) => to)].flatMap(([service, calls]): Shared[] => {
    const callers = [...new Set(calls.map(({ from }) => from))]
    if (callers.some((from) => of(from, 'latency') + of(from, 'errors') === 0)) return []
    return (['latency', 'errors'] as const).flatMap((family) => {
      const others = (from: string): string[] =>
        (callees.get(from) ?? []).flatMap(({ to }) => (to === service ? [] : [to]))
      const explained = (from: string): number =>
        largest(
          others(from).flatMap((to) => spreading[family].map((one) => of(to, one))),
          0,
        )
      const troubled = callers.filter((from) => of(from, family) > 0)
      const left = (from: string): number => of(from, family) - explained(from) - of(service, family)
      const roots = new Set(troubled.filter((from) => left(from) > UNEXPLAINED * of(from, family)))
      const isLinked = troubled.every((from) => roots.has(from) || reaches(from, roots, callees))
      if (roots.size === 0 || !isLinked) return []
      // what it shows itself is worth more than what one caller shows of it
      if (roots.size === 1 && OF_ITS_OWN.some((one) => of(service, one) > 0)) return []
      const factor = roots.size > 1 ? 1 : callers.length > 1 ? ONE_ROOT : ONE_CALLER
      const score = (factor * [...roots].reduce((sum, from) => sum + left(from), 0)) / roots.size ** AGREEING
      return [{ service, family, score, only: roots.size === 1 ? [...roots][0]! : null }]
    })
  })
  const several = new Set(shared.flatMap(({ service, only }) => (only === null ? [service] : [])))
  const alternatives = Map.groupBy(shared, ({ family, only }) => `${family} ${only}`)
  return shared.map(({ service, family, score, only }) => {
    if (only === null) return [service, family === 'latency' ? 'waited' : 'unanswered', score]
    const among = several.has(service) ? 1 : alternatives.get(`${family} ${only}`)!.length
    return [service, 'pointed_at', score / among]
  })
}

interface Shared {
  service: string
  family: 'latency' | 'errors'
  score: number
  /** the only caller whose trouble no other explains; null: there are several */
  only: string | null
}

/** Whether a service calls one of these, through others too. */
function reaches(from: string, any: ReadonlySet<string>, callees: ReadonlyMap<string, readonly CallEdge[]>): boolean {
  const seen = new Set([from])
  for (const service of seen)
    for (const { to } of callees.get(service) ?? []) {
      if (any.has(to)) return true
      seen.add(to)
    }
  return false
}
