/**
 * A caller that gives up waiting fails, and says so, while the service it waited for answers everything, late. The failures of a caller are
 * explained by a callee that takes longer than the caller does: whoever fails by itself has not waited for anybody.
 */
import { type Compared, MOVED } from '../metrics/deviation.ts'
import { isOfClient } from '../metrics/meaning.ts'
import type { Family } from './families.ts'

/** Kinds of symptom by which a caller shows that it gave up. */
export const OF_GIVING_UP: ReadonlySet<Family> = new Set<Family>(['errors', 'logs'])

/** The callee takes at least this share of the caller's time. */
const AS_LONG = 0.8

/** Whether a caller may have waited for this callee until it gave up; only levels of the same indicator are compared. */
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
