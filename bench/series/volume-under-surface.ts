/**
 * VUS-PR: the volume under the surface of precision and recall over thresholds and tolerances (Paparrizos et al., PVLDB 15(11), 2022), as computed by
 * its authors' benchmark TSB-AD. A label tapers off on both sides of its span, over half of the tolerance; each tolerance from 0 to the largest
 * gives an area under the curve of range precision and recall, and the volume is their mean.
 */
import type { Window } from './nab-score.ts'

const THRESHOLDS = 250

/** `spans`: ascending, not overlapping. Throws RangeError without a span: recall has no meaning then. */
export function volumeUnderSurface(scores: ArrayLike<number>, spans: readonly Window[], tolerance: number): number {
  if (spans.length === 0) throw new RangeError('recall is undefined without a span')
  const levels = levelsOf(scores)
  let total = 0
  for (let width = 0; width <= tolerance; width++) total += areaAt(levels, spans, width)
  return total / (tolerance + 1)
}

interface Levels {
  /** for each point the first threshold that it reaches, highest first; `THRESHOLDS` if none */
  of: Uint16Array
  /** points that reach each threshold */
  reached: Float64Array
}

/** The thresholds are the scores at evenly spaced ranks. */
function levelsOf(scores: ArrayLike<number>): Levels {
  const sorted = Float64Array.from(scores).sort().reverse()
  const ranks = Array.from({ length: THRESHOLDS }, (_, at) => Math.floor((at * (sorted.length - 1)) / (THRESHOLDS - 1)))
  const thresholds = ranks.map((rank) => sorted[rank]!)
  const of = Uint16Array.from({ length: scores.length }, (_, point) => firstReached(thresholds, scores[point]!))
  return { of, reached: counted([...of].map((level) => ({ level, by: 1 }))) }
}

function firstReached(thresholds: readonly number[], score: number): number {
  let [low, high] = [0, thresholds.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (score >= thresholds[middle]!) high = middle
    else low = middle + 1
  }
  return low
}

/** At each threshold, the sum over all that reach it. */
function counted(all: Iterable<{ level: number; by: number }>): Float64Array {
  const sums = new Float64Array(THRESHOLDS)
  for (const { level, by } of all) if (level < THRESHOLDS) sums[level]! += by
  for (let at = 1; at < THRESHOLDS; at++) sums[at]! += sums[at - 1]!
  return sums
}

/** Area under range precision over range recall, at one tolerance. */
function areaAt({ of, reached }: Levels, spans: readonly Window[], width: number): number {
  const near = widened(spans, width >> 1, of.length)
  const inside = spans.reduce((sum, [first, last]) => sum + last - first + 1, 0)
  const tapered = taperOf(spans, width, of.length)
  const within = counted(spans.flatMap((span) => pointsOf(span).map((point) => ({ level: of[point]!, by: 1 }))))
  const beside = counted([...tapered].map(([point, by]) => ({ level: of[point]!, by })))
  const found = counted(
    near.map((range) => ({ level: Math.min(...pointsOf(range).map((point) => of[point]!)), by: 1 })),
  )
  let [area, before] = [0, 0]
  for (let at = 0; at < THRESHOLDS; at++) {
    const hits = within[at]! + beside[at]!
    // labelled points, the tapered ones as far as they were detected, so that recall is neither too large nor too small
    const positives = inside + beside[at]! / 2
    const recall = Math.min(hits / positives, 1) * (found[at]! / near.length)
    area += (recall - before) * (hits / reached[at]!)
    before = recall
  }
  return area
}

const pointsOf = ([first, last]: Window): number[] => Array.from({ length: last - first + 1 }, (_, at) => first + at)

/** Spans with a margin on both sides; those that then touch are one. */
function widened(spans: readonly Window[], margin: number, length: number): Window[] {
  const wide: [number, number][] = []
  for (const [first, last] of spans) {
    const [start, end] = [Math.max(0, first - margin), Math.min(length - 1, last + margin)]
    const previous = wide.at(-1)
    if (previous === undefined || previous[1] < start) wide.push([start, end])
    else previous[1] = end
  }
  return wide
}

/** The labels beside the spans, 0 to 1, by point. */
function taperOf(spans: readonly Window[], width: number, length: number): Map<number, number> {
  const inside = new Set(spans.flatMap(pointsOf))
  const labels = new Map<number, number>()
  const add = (point: number, distance: number): void => {
    if (point < 0 || point >= length || inside.has(point)) return
    labels.set(point, Math.min(1, (labels.get(point) ?? 0) + Math.sqrt(1 - distance / width)))
  }
  for (const [first, last] of spans)
    for (let distance = 1; distance <= width >> 1; distance++) {
      add(first - distance, distance)
      add(last + distance, distance)
    }
  return labels
}

const LAGS = 400
const SHORTEST = 3
const LONGEST = 300
const WITHOUT_PERIOD = 125
const MOST_POINTS = 20_000

/** The largest tolerance as TSB-AD chooses it: the lag of the highest peak of the autocorrelation of the first 20,000 values, or 125 if none is usable. */
export function toleranceOf(values: readonly number[]): number {
  const correlation = autocorrelation(values.slice(0, MOST_POINTS)).slice(SHORTEST)
  const peaks = [...correlation.keys()].filter((at) => correlation[at]! > correlation[at - 1]! && correlation[at]! > correlation[at + 1]!) // prettier-ignore
  const [first, ...others] = peaks
  if (first === undefined) return WITHOUT_PERIOD
  const highest = others.reduce((best, at) => (correlation[at]! > correlation[best]! ? at : best), first)
  return highest < SHORTEST || highest > LONGEST ? WITHOUT_PERIOD : highest + SHORTEST
}

function autocorrelation(values: readonly number[]): number[] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const centred = Float64Array.from(values, (value) => value - mean)
  const at = (lag: number): number => {
    let sum = 0
    for (let index = lag; index < centred.length; index++) sum += centred[index]! * centred[index - lag]!
    return sum
  }
  const variance = at(0)
  return Array.from({ length: Math.min(LAGS + 1, values.length) }, (_, lag) => at(lag) / variance)
}
