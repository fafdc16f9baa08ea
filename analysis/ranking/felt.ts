/**
 * What users felt is never nothing, whether or not a cause stands out: requests that normally succeed and now fail, told as a
 * share. The bar is the error budget of an ordinary service level, 99 % (Beyer et al., "Site Reliability Engineering", 2016, ch. 4).
 */
import type { Deviation } from '../metrics/deviation.ts'
import { MOVED } from './families.ts'
import { isBetterWhenHigh } from '../metrics/meaning.ts'
import type { CallEdge } from '../observations.ts'

const BUDGET = 0.01
const SHARE = /ratio|share|percent/i

/** Only where requests come in: who calls decides whether a failure further in is felt. Without a graph that is not known. */
export function isFelt(deviations: readonly Deviation[], edges: readonly CallEdge[]): boolean {
  const called = new Set(edges.filter(({ from, to }) => from !== to).map(({ to }) => to))
  const calling = new Set(edges.map(({ from }) => from))
  return deviations.some((one) => calling.has(one.series.service) && !called.has(one.series.service) && fails(one))
}

/** By more than the indicator does by itself, and beyond the budget where it was within it. */
function fails({ series, meaning, before, during, z }: Deviation): boolean {
  if (meaning !== 'errors' || !(z > MOVED)) return false
  const failing = isBetterWhenHigh(series.indicator) ? failingOf : SHARE.test(series.indicator) ? identity : null
  if (failing === null) return false
  return failing(before, before) < BUDGET && failing(during, before) >= BUDGET
}

/** Of a success told as a ratio or in percent, told by the level that is usual. */
const failingOf = (success: number, usual: number): number => 1 - success / (usual > 1 ? 100 : 1)
const identity = (failing: number): number => failing
