/**
 * A load that moves everything: when the services get twice the requests, twice the CPU of each is no cause. Traffic is the
 * covariate; what rises in proportion to it is explained by it, and only the rest is evidence (the adjustment for a covariate of Fisher,
 * "Statistical methods for research workers", 1932; the utilization law: Denning and Buzen, 1978).
 */
import type { Compared } from './deviation.ts'
import type { Meaning } from './meaning.ts'
import { median, quantileOf } from './robust.ts'

/** Fewer services do not tell a load from one service's own trouble. */
const FEWEST = 3
const MOST = 0.75
/** These go with the load. Latency and errors do not as long as there is room: users feel them, whatever the load. */
const FOLLOWS: ReadonlySet<Meaning> = new Set<Meaning>(['traffic', 'saturation', 'other'])

/** How many times their usual traffic three quarters of the services have at least; 1 where it did not rise: a fall is what faults do. */
export function commonLoad(deviations: readonly Compared[]): number {
  const traffic = deviations.filter(
    (one) => !one.absent && one.meaning === 'traffic' && one.before > 0 && one.during >= 0,
  )
  const services = Map.groupBy(traffic, ({ series }) => series.service)
  if (services.size < FEWEST) return 1
  const rises = [...services.values()].map((ones) => median(ones.map(({ before, during }) => during / before)))
  return Math.max(1, quantileOf(rises, 1 - MOST))
}

/** The deviation without what the load explains of it. */
export function withoutLoad(deviation: Compared, load: number): Compared {
  const { meaning, before, during, z, absent } = deviation
  if (absent || !FOLLOWS.has(meaning) || during === before || z <= 0) return deviation
  const left = (during - before * load) / (during - before)
  return { ...deviation, z: z * Math.min(1, Math.max(0, left)) }
}
