/**
 * The score of the Numenta Anomaly Benchmark (Lavin and Ahmad, ICMLA 2015), as its scorer computes it: of each window the earliest
 * detection counts, for more the earlier it is; a detection outside costs more the farther behind a window it is. The first 15 % of a series,
 * 750 points at most, count for nothing. 0 is a detector that never says anything, 100 one that finds the beginning of each window and no more.
 */

/** Of a profile, as its file names them. */
export interface Weights {
  tpWeight: number
  fpWeight: number
  fnWeight: number
}

/** The first and the last point, by their index. */
export type Window = readonly [number, number]

export interface Scored {
  /** of each point, how anomalous it is said to be */
  scores: ArrayLike<number>
  /** ascending, apart from each other */
  windows: readonly Window[]
}

export interface AtThreshold {
  /** a point is detected from here on */
  threshold: number
  /** by how much it is better than to say nothing */
  gain: number
}

const PROBATION = 0.15
const PROBATION_AT_MOST = 750

/** The gain at each threshold that makes a difference, the highest threshold first: at infinity nothing is detected. */
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

/** The threshold for the whole corpus that is best on it: what published figures are of. */
export const best = (swept: readonly AtThreshold[]): AtThreshold =>
  swept.reduce((top, one) => (one.gain > top.gain ? one : top))

export const gainAt = (threshold: number, swept: readonly AtThreshold[]): number =>
  swept.findLast((one) => one.threshold >= threshold)?.gain ?? 0

/** A gain as a share of the greatest there is, in percent: between the detector that says nothing and the one that misses nothing. */
export const scoreOf = (gain: number, windows: number, { tpWeight, fnWeight }: Weights): number =>
  (100 * gain) / (windows * (tpWeight + fnWeight))

/** So many points count for nothing. */
export const probationOf = (length: number): number => Math.min(Math.floor(PROBATION * length), PROBATION_AT_MOST)

interface Point {
  said: number
  window: Window | null
  /** what its detection adds: in a window, if it is the earliest */
  worth: number
}

function pointsOf({ scores, windows }: Scored, { tpWeight, fpWeight }: Weights): Point[] {
  const probation = probationOf(scores.length)
  // Of this series alone: windows are told apart by what they are, not by where.
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

/** -1 at the first point, a point's width before 0 at the last. */
const placeIn = ([first, last]: Window, index: number): number => -(last - index + 1) / (last - first + 1)

/** In widths of the window. */
const placeBehind = ([first, last]: Window, index: number): number => (index - last) / (last - first)

const scaledSigmoid = (place: number): number => (place >= 3 ? -1 : 2 / (1 + Math.exp(5 * place)) - 1)
