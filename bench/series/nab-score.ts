/**
 * The score of the Numenta Anomaly Benchmark (Lavin and Ahmad, ICMLA 2015), as its scorer computes it. The earliest detection in each window counts,
 * more if it is earlier; a detection outside costs more the farther it is behind a window. The first 15 % of a series, at most 750 points, are not
 * scored. 0: a detector that reports nothing; 100: one that detects the beginning of each window and nothing else.
 */

/** Weights of a profile, named as in its file. */
export interface Weights {
  tpWeight: number
  fpWeight: number
  fnWeight: number
}

/** Indexes of the first and the last point. */
export type Window = readonly [number, number]

export interface Scored {
  /** anomaly score of each point */
  scores: ArrayLike<number>
  /** ascending, not overlapping */
  windows: readonly Window[]
}

export interface AtThreshold {
  /** a point counts as detected from this score on */
  threshold: number
  /** gain over reporting nothing */
  gain: number
}

const PROBATION = 0.15
const PROBATION_AT_MOST = 750

/** The gain at each threshold that matters, highest first; at infinity nothing is detected. */
export function sweep(series: readonly Scored[], weights: Weights): AtThreshold[] {
  const points = series.flatMap((one) => pointsOf(one, weights)).sort((a, b) => b.said - a.said)
  const found = new Map<Window, number>()
  const at: AtThreshold[] = [{ threshold: Infinity, gain: 0 }]
  let gain = 0
  for (const [index, { said, window, worth }] of points.entries()) {
    const before = window === null ? 0 : (found.get(window) ?? -weights.fnWeight)
    const after = window === null ? worth : Math.max(before, worth)
    if (window !== null) found.set(window, after)
    gain += after - before
    if (points[index + 1]?.said !== said) at.push({ threshold: said, gain })
  }
  return at
}

/** The threshold that is best for the whole corpus, as in published figures. */
export const best = (swept: readonly AtThreshold[]): AtThreshold =>
  swept.reduce((top, one) => (one.gain > top.gain ? one : top))

export const gainAt = (threshold: number, swept: readonly AtThreshold[]): number =>
  swept.findLast((one) => one.threshold >= threshold)?.gain ?? 0

/** A gain in percent of the largest possible: from reporting nothing to missing nothing. */
export const scoreOf = (gain: number, windows: number, { tpWeight, fnWeight }: Weights): number =>
  (100 * gain) / (windows * (tpWeight + fnWeight))

/** Number of points that are not scored. */
export const probationOf = (length: number): number => Math.min(Math.floor(PROBATION * length), PROBATION_AT_MOST)

interface Point {
  said: number
  window: Window | null
  /** what its detection adds; in a window, only the earliest one counts */
  worth: number
}

function pointsOf({ scores, windows }: Scored, { tpWeight, fpWeight }: Weights): Point[] {
  const probation = probationOf(scores.length)
  // windows are compared by identity, so each series needs its own copies
  const own = windows.map(([first, last]): Window => [first, last])
  return Array.from({ length: scores.length - probation }, (_, at): Point => {
    const index = probation + at
    const said = scores[index]!
    const window = own.find(([first, last]) => index >= first && index <= last) ?? null
    if (window !== null) return { said, window, worth: (tpWeight * scaledSigmoid(placeIn(window, index))) / scaledSigmoid(-1) } // prettier-ignore
    const behind = own.findLast(([, last]) => last < index)
    return { said, window, worth: fpWeight * (behind === undefined ? -1 : scaledSigmoid(placeBehind(behind, index))) }
  })
}

/** Position in the window: -1 at the first point, just below 0 at the last. */
const placeIn = ([first, last]: Window, index: number): number => -(last - index + 1) / (last - first + 1)

/** Distance behind the window, in window widths. */
const placeBehind = ([first, last]: Window, index: number): number => (index - last) / (last - first)

const scaledSigmoid = (place: number): number => (place >= 3 ? -1 : 2 / (1 + Math.exp(5 * place)) - 1)
