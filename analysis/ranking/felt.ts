/**
 * What users felt is never nothing, whether or not a cause stands out: requests that normally succeed and now fail, told as a
 * share. The bar is the error budget of an ordinary service level, 99 % (Beyer et al., "Site Reliability Engineering", 2016, ch. 4).
 */
import { type Deviation, MOVED } from '../metrics/deviation.ts'
import { isBetterWhenHigh, wholeOf } from '../metrics/meaning.ts'
import type { CallEdge } from '../observations.ts'

const BUDGET = 0.01
/** Of the usual requests, what is as good as none. */
const CEASED = 0.05

/** Only where requests come in: who calls decides whether a failure further in is felt. Without a graph that is not known. */
export function isFelt(deviations: readonly Deviation[], edges: readonly CallEdge[]): boolean {
  const called = new Set(edges.filter(({ from, to }) => from !== to).map(({ to }) => to))
  const calling = new Set(edges.map(({ from }) => from))
  const isFront = ({ series: { service } }: Deviation): boolean => calling.has(service) && !called.has(service)
  return deviations.some((one) => isFront(one) && fails(one)) || ceased(deviations, edges.length > 0 ? isFront : null)
}

/** Nobody comes any more: the requests of the fronts, or of everybody where it is not known who they are. */
function ceased(deviations: readonly Deviation[], isFront: ((one: Deviation) => boolean) | null): boolean {
  const traffic = deviations.filter((one) => one.meaning === 'traffic' && !one.absent && one.before > 0 && (isFront === null || isFront(one))) // prettier-ignore
  return traffic.length > 0 && traffic.every(({ before, during, z }) => z > MOVED && during >= 0 && during <= CEASED * before) // prettier-ignore
}

/** Beyond the budget where it was mostly within it: that it was beyond it now and then before makes it no less felt. */
function fails({ series, absent, meaning, before, during, z }: Deviation): boolean {
  if (absent || meaning !== 'errors' || !(z > 0)) return false
  const whole = wholeOf(series)
  if (isBetterWhenHigh(series)) return isOverspent(1 - before / (whole ?? usual(before)), 1 - during / (whole ?? usual(before))) // prettier-ignore
  return whole !== null && isOverspent(before / whole, during / whole)
}

/** A success rate that does not say whether it is a share or in percent is told by its level. */
const usual = (success: number): number => (success > 1 ? 100 : 1)
const isOverspent = (before: number, during: number): boolean => before < BUDGET && during >= BUDGET
