/**
 * A caller whose requests time out reports errors, while the slow callee still answers everything. So the errors of a caller are
 * explained by a callee with at least a similar latency: a caller that fails by itself does not wait.
 */
import { type Compared, MOVED } from '../metrics/deviation.ts'
import { isOfClient } from '../metrics/meaning.ts'
import type { Family } from './families.ts'

/** Symptoms of a caller whose calls time out. */
export const OF_GIVING_UP: ReadonlySet<Family> = new Set<Family>(['errors', 'logs'])

/** Minimum latency of the callee, as share of the caller's latency. */
const AS_LONG = 0.8

/** Whether the caller's errors may be timeouts of this callee; compares only levels of the same indicator. */
export function gaveUpOn(deviations: readonly Compared[]): (caller: string, callee: string) => boolean {
  const latencies = deviations.filter(({ meaning, absent, series }) => meaning === 'latency' && absent !== true && !isOfClient(series.indicator)) // prettier-ignore
  const byService = Map.groupBy(latencies, ({ series }) => series.service)
  return (caller, callee) =>
    (byService.get(callee) ?? []).some(
      (slow) =>
        slow.z > MOVED &&
        (byService.get(caller) ?? []).some((one) => isAlike(one, slow) && slow.during >= AS_LONG * one.during),
    )
}

const isAlike = (a: Compared, b: Compared): boolean =>
  a.series.indicator === b.series.indicator && a.series.unit === b.series.unit
