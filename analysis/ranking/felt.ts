/**
 * Whether users were affected: requests that normally succeed fail, or requests stop. Then the verdict is never `nothing_wrong`, even if no
 * cause stands out. The threshold is the error budget of a 99 % SLO (Beyer et al., "Site Reliability Engineering", 2016, ch. 4).
 */
import { type Deviation, MOVED } from '../metrics/deviation.ts'
import { isBetterWhenHigh, wholeOf } from '../metrics/meaning.ts'
import type { CallEdge } from '../observations.ts'

const BUDGET = 0.01
/** Below this share of the normal traffic, requests have stopped. */
const CEASED = 0.05

/** Errors count at entry services only: callers may hide errors of services further down. Without a call graph the entries are unknown. */
export function isFelt(deviations: readonly Deviation[], edges: readonly CallEdge[]): boolean {
  const called = new Set(edges.filter(({ from, to }) => from !== to).map(({ to }) => to))
  const calling = new Set(edges.map(({ from }) => from))
  const isFront = ({ series: { service } }: Deviation): boolean => calling.has(service) && !called.has(service)
  return deviations.some((one) => isFront(one) && fails(one)) || ceased(deviations, edges.length > 0 ? isFront : null)
}

/** Requests stopped at all entry services or, if these are unknown, at all services. */
function ceased(deviations: readonly Deviation[], isFront: ((one: Deviation) => boolean) | null): boolean {
  const traffic = deviations.filter((one) => one.meaning === 'traffic' && !one.absent && one.before > 0 && (isFront === null || isFront(one))) // prettier-ignore
  return traffic.length > 0 && traffic.every(({ before, during, z }) => z > MOVED && during >= 0 && during <= CEASED * before) // prettier-ignore
}

/** Errors exceed the budget and were within it before, by the medians: occasional errors in the baseline do not matter. */
function fails({ series, absent, meaning, before, during, z }: Deviation): boolean {
  if (absent || meaning !== 'errors' || !(z > 0)) return false
  const whole = wholeOf(series)
  if (isBetterWhenHigh(series)) return isOverspent(1 - before / (whole ?? usual(before)), 1 - during / (whole ?? usual(before))) // prettier-ignore
  return whole !== null && isOverspent(before / whole, during / whole)
}

/** The unit of a success rate (share or percent), judged by its level. */
const usual = (success: number): number => (success > 1 ? 100 : 1)
const isOverspent = (before: number, during: number): boolean => before < BUDGET && during >= BUDGET
