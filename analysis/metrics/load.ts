/**
 * Adjusts for a load increase that affects all services: with twice the requests, twice the CPU is not a cause. Traffic is the covariate;
 * what rises in proportion to it is explained, and only the rest is evidence (covariate adjustment: Fisher, "Statistical methods for
 * research workers", 1932; the utilization law: Denning and Buzen, 1978).
 */
import type { Compared } from './deviation.ts'
import type { Meaning } from './meaning.ts'
import { median, quantileOf } from './robust.ts'

/** Minimum number of services to distinguish a common load from a problem of one service. */
const FEWEST = 3
const MOST = 0.75
/** Signals adjusted for load. Latency and errors are not: they should not rise with load, and users notice them. */
const FOLLOWS: ReadonlySet<Meaning> = new Set<Meaning>(['traffic', 'saturation', 'other'])

/** The factor by which traffic rose for at least three quarters of the services; 1 if it did not rise (a fall may be the fault itself). */
export function commonLoad(deviations: readonly Compared[]): number {
  const traffic = deviations.filter(
    (one) => !one.absent && one.meaning === 'traffic' && one.before > 0 && one.during >= 0,
  )
  const services = Map.groupBy(traffic, ({ series }) => series.service)
  if (services.size < FEWEST) return 1
  const rises = [...services.values()].map((ones) => median(ones.map(({ before, during }) => during / before)))
  return Math.max(1, quantileOf(rises, 1 - MOST))
}

/** The deviation, reduced by the part that the load explains. */
export function withoutLoad(deviation: Compared, load: number): Compared {
  const { meaning, before, during, z, absent } = deviation
  if (absent || !FOLLOWS.has(meaning) || during === before || z <= 0) return deviation
  const left = (during - before * load) / (during - before)
  return { ...deviation, z: z * Math.min(1, Math.max(0, left)) }
}
