/**
 * How often a series goes out of its range by itself, and how far: peaks over a threshold with an exponential tail, as in Siffer et al., "Anomaly
 * Detection in Streams with Extreme Value Theory" (KDD 2017). A restless series thereby raises its own bar.
 */

/** Plain data, so that it can be stored. Old peaks are forgotten with a half-life of a week. */
export interface Tail {
  /** ms that the series was observed */
  observed: number
  peaks: number
  /** sum of how far the peaks were above 1 */
  excess: number
}

export const noPeaks = (): Tail => ({ observed: 0, peaks: 0, excess: 0 })

const HOUR = 3_600_000
const WEEK = 168 * HOUR
/** What is assumed of a series nobody has observed yet: a peak an hour, half a width beyond the bounds on average. */
const FIRST = { observed: HOUR, peaks: 1, excess: 0.5, weight: 2 }
/** A fault is one peak; it must not hide the next one. In mean excesses. */
const MOST_EXCESS = 4
const MOST_SURPRISE = 12

/** In place: it happens in each step. */
export function addTime(tail: Tail, ms: number): void {
  const kept = keptAfter(ms)
  tail.observed = (tail.observed + ms) * kept
  tail.peaks *= kept
  tail.excess *= kept
}

let last = { ms: 0, kept: 1 }
/** Nearly always of the same time: powers are slow. */
function keptAfter(ms: number): number {
  if (ms !== last.ms) last = { ms, kept: 0.5 ** (ms / WEEK) }
  return last.kept
}

/** `height`: the largest deviation of one excursion, in widths of the expected range; at least 1. */
export const withPeak = (tail: Tail, height: number): Tail => ({
  ...tail,
  peaks: tail.peaks + 1,
  excess: tail.excess + Math.min(height - 1, MOST_EXCESS * meanExcess(tail)),
})

/** -log10 of how often a week the series is expected to reach `height`. */
export function surpriseOf(tail: Tail, height: number): number {
  const weekly = ((tail.peaks + FIRST.peaks) / (tail.observed + FIRST.observed)) * WEEK
  const surprise = (height - 1) / meanExcess(tail) / Math.LN10 - Math.log10(weekly)
  return Math.min(MOST_SURPRISE, Math.max(0, surprise))
}

const meanExcess = ({ peaks, excess }: Tail): number => (excess + FIRST.excess * FIRST.weight) / (peaks + FIRST.weight)
