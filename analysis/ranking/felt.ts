/**
 * What users felt is never nothing, whether or not a cause stands out: requests that normally succeed and now fail, told as a
 * share. The bar is the error budget of an ordinary service level, 99 % (Beyer et al., "Site Reliability Engineering", 2016, ch. 4).
 */
import { type Deviation, MOVED } from '../metrics/deviation.ts'
import { isBetterWhenHigh, wholeOf } from '../metrics/meaning.ts'
import type { CallEdge } from '../observations.ts'

const BUDGET = 0.01

/** Only where requests come in: who calls decides whether a failure further in is felt. Without a graph that is not known. */
export function isFelt(deviations: readonly Deviation[], edges: readonly CallEdge[]): boolean {
  const called = new Set(edges.filter(({ from, to }) => from !== to).map(({ to }) => to))
  const calling = new Set(edges.map(({ from }) => from))
  return deviations.some((one) => calling.has(one.series.service) && !called.has(one.series.service) && fails(one))
}

/** By more than the indicator does by itself, and beyond the budget where it was within it. */
function fails({ series, meaning, before, during, z }: Deviation): boolean {
  if (meaning !== 'errors' || !(z > MOVED)) return false
  const whole = wholeOf(series)
  if (isBetterWhenHigh(series)) return isOverspent(1 - before / (whole ?? usual(before)), 1 - during / (whole ?? usual(before))) // prettier-ignore
  return whole !== null && isOverspent(before / whole, during / whole)
}

/** A success rate that does not say whether it is a share or in percent is told by its level. */
const usual = (success: number): number => (success > 1 ? 100 : 1)
const isOverspent = (before: number, during: number): boolean => before < BUDGET && during >= BUDGET
