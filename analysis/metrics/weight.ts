/**
 * How much a deviation counts: neither a sure trifle nor a wild guess weighs much. By kind, as the golden signals of Beyer et al., "Site
 * Reliability Engineering" (2016), ch. 6: what users feel first, then what runs full; the figures are our own.
 */
import type { Deviation } from './deviation.ts'
import { isBetterWhenHigh, isOfHost, meaningOf, type Meaning } from './meaning.ts'
import type { Alert } from '../observations.ts'

const WEIGHTS: Record<Meaning, number> = { latency: 1, errors: 1, saturation: 0.8, other: 0.5, traffic: 0.3 }
const ABSENT = 1
const HOST_WEIGHT = 0.2
const TELLING = 1 / 3
const FEWEST_TELL = 10
const HABIT = 0.5
/** So many indicators of a kind count for a service: one noisy series does not win, fifty do not either. */
const COUNTED = 3
/** An alert about failures is about failures: kinds of evidence that are not it and do not cause it count this much. */
const OTHER_THAN_ALERTED = 0.2
const CAUSES: ReadonlySet<Meaning> = new Set<Meaning>(['saturation'])

/** The strongest whole, the second half, the third a third. */
export const diminishing = (weights: readonly number[]): number =>
  weights
    .toSorted((a, b) => b - a)
    .slice(0, COUNTED)
    .reduce((sum, weight, index) => sum + weight / (index + 1), 0)

/**
 * How unusual, less half of what the series does by itself, and how much of its level. So many samples of a baseline cannot
 * tell more than one in as many.
 */
export function weightOf(deviation: Deviation, alerted: Meaning | null): number {
  const { meaning, z, usual, samples, series, absent } = deviation
  const asked = absent || alerted === null || alerted === meaning || CAUSES.has(meaning) ? 1 : OTHER_THAN_ALERTED
  const unusual =
    Math.log1p(Math.max(0, Math.min(z, Math.max(FEWEST_TELL, samples * TELLING)))) - HABIT * Math.log1p(usual)
  const weight = (absent ? ABSENT : WEIGHTS[meaning]) * asked * (isOfHost(series.indicator) ? HOST_WEIGHT : 1)
  return weight * Math.max(0, unusual) * Math.sqrt(effectOf(deviation))
}

/** 0..1: the share of the larger level by which they differ. Of success, that of failures: from none to any is all. */
function effectOf({ before, during, series, absent }: Deviation): number {
  if (absent) return 1
  if (isBetterWhenHigh(series)) return 1
  const larger = Math.max(Math.abs(before), Math.abs(during))
  return larger === 0 ? 0 : Math.min(1, Math.abs(during - before) / larger)
}

/** What the alert is about, where it says so and it is something users feel. */
export function alertedMeaning(alert: Alert | undefined): Meaning | null {
  const named = alert?.labels['metric'] ?? alert?.labels['indicator'] ?? alert?.labels['__name__']
  const meaning = named === undefined ? null : meaningOf({ indicator: named })
  return meaning === 'latency' || meaning === 'errors' ? meaning : null
}
