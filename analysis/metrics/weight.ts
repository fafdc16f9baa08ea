/**
 * The weight of a deviation: it must be both significant and large. Weighted by the golden signals (Beyer et al., "Site Reliability
 * Engineering", 2016, ch. 6): latency and errors first, then saturation; the figures are our own.
 */
import type { Deviation } from './deviation.ts'
import { isBetterWhenHigh, isOfHost, meaningOf, type Meaning, wholeOf } from './meaning.ts'
import { wordsOf } from './words.ts'
import type { Alert } from '../observations.ts'

const WEIGHTS: Record<Meaning, number> = { latency: 1, errors: 1, saturation: 0.8, other: 0.5, traffic: 0.3 }
const ABSENT = 1
const HOST_WEIGHT = 0.2
const TELLING = 1 / 3
const FEWEST_TELL = 10
const HABIT = 0.5
/** Use of a resource below this share of its limit is idle. */
const IDLE = 0.2
/** Number of indicators of a kind that count per service, so that a service does not win by having many series. */
const COUNTED = 3
/** Weight of signals that are neither what the alert is about nor a cause of it. */
const OTHER_THAN_ALERTED = 0.2
const CAUSES: ReadonlySet<Meaning> = new Set<Meaning>(['saturation'])

/** A sum in which the strongest counts fully, the second by half, the third by a third. */
export const diminishing = (weights: readonly number[]): number =>
  weights
    .toSorted((a, b) => b - a)
    .slice(0, COUNTED)
    .reduce((sum, weight, index) => sum + weight / (index + 1), 0)

/**
 * How unusual the deviation is, minus half of the series' normal movement, times its relative size. The significance is limited by the number
 * of baseline samples.
 */
export function weightOf(deviation: Deviation, alerted: Meaning | null): number {
  const { meaning, z, usual, samples, series, absent } = deviation
  const asked = absent || alerted === null || alerted === meaning || CAUSES.has(meaning) ? 1 : OTHER_THAN_ALERTED
  const unusual =
    Math.log1p(Math.max(0, Math.min(z, Math.max(FEWEST_TELL, samples * TELLING)))) - HABIT * Math.log1p(usual)
  const weight = (absent ? ABSENT : WEIGHTS[meaning]) * asked * (isOfHost(series.indicator) ? HOST_WEIGHT : 1)
  return weight * Math.max(0, unusual) * Math.sqrt(effectOf(deviation))
}

/**
 * Relative difference of the levels, 0..1; always 1 for success rates, whose failures rise from (nearly) zero. Within the first fifth of a
 * limit, the difference is relative to that fifth: a disk that fills from 0.1 to 0.4 % is as good as empty. CPU is excepted, because its
 * limit is often that of a whole host.
 */
function effectOf({ before, during, series, meaning, absent }: Deviation): number {
  if (absent) return 1
  if (isBetterWhenHigh(series)) return 1
  const idle = meaning === 'saturation' && !wordsOf(series.indicator).has('cpu') ? IDLE * (wholeOf(series) ?? 0) : 0
  const larger = Math.max(Math.abs(before), Math.abs(during), idle)
  return larger === 0 ? 0 : Math.min(1, Math.abs(during - before) / larger)
}

/** The signal the alert is about, if it names one and it is latency or errors. */
export function alertedMeaning(alert: Alert | undefined): Meaning | null {
  const named = alert?.labels['metric'] ?? alert?.labels['indicator'] ?? alert?.labels['__name__']
  const meaning = named === undefined ? null : meaningOf({ indicator: named })
  return meaning === 'latency' || meaning === 'errors' ? meaning : null
}
