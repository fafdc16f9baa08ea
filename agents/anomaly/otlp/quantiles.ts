/** Histograms of several instances and attribute sets, added up. Bounds need not be the same everywhere. */
import type { ExponentialPoint, HistogramPoint } from './wire.ts'

/** Requests a second by the upper bound of their bucket; `lower`: its lower bound. */
export type Rates = Map<number, { lower: number; rate: number }>

/** Exponential buckets finer than this are merged: a bucket is then at most 9 % wide, and a quantile at most half of that off. */
const FINEST_SCALE = 3

/** Counts of one point by bucket, with what places the buckets. */
export interface Counts {
  /** of explicit buckets; null: exponential */
  bounds: readonly number[] | null
  /** of exponential buckets: base = 2^(2^-scale) */
  scale: number
  byBucket: Map<number, number>
  total: number
}

type Explicit = Pick<HistogramPoint, 'explicitBounds' | 'bucketCounts'>
type Exponential = Pick<ExponentialPoint, 'scale' | 'zeroCount' | 'positive' | 'negative'>

export function explicitCounts({ explicitBounds: bounds, bucketCounts }: Explicit): Counts {
  const byBucket = new Map<number, number>()
  let total = 0
  for (const [bucket, count] of bucketCounts.entries()) {
    if (count > 0) byBucket.set(bucket, count)
    total += count
  }
  return { bounds, scale: 0, byBucket, total }
}

/** What is at most zero is in the bucket of zero. */
export function exponentialCounts({ scale, zeroCount, positive, negative }: Exponential): Counts {
  const zero = zeroCount + (negative?.bucketCounts ?? []).reduce((sum, count) => sum + count, 0)
  const byBucket = new Map<number, number>(zero > 0 ? [[ZERO, zero]] : [])
  let total = zero
  for (const [at, count] of (positive?.bucketCounts ?? []).entries()) {
    if (count > 0) byBucket.set((positive?.offset ?? 0) + at, count)
    total += count
  }
  return atScale({ bounds: null, scale, byBucket, total }, Math.min(scale, FINEST_SCALE))
}

const ZERO = -Infinity

function atScale(counts: Counts, scale: number): Counts {
  if (scale >= counts.scale) return counts
  const width = 2 ** (counts.scale - scale)
  const byBucket = new Map<number, number>()
  for (const [bucket, count] of counts.byBucket) {
    const wider = bucket === ZERO ? ZERO : Math.floor(bucket / width)
    byBucket.set(wider, (byBucket.get(wider) ?? 0) + count)
  }
  return { ...counts, scale, byBucket }
}

/** What came since `before`; null: the counts fell, or the buckets are others, so they began anew. */
export function since(before: Counts, now: Counts): Counts | null {
  if (before.bounds !== null || now.bounds !== null) {
    if (!sameBounds(before.bounds, now.bounds)) return null
  } else if (before.scale !== now.scale) {
    const scale = Math.min(before.scale, now.scale)
    return since(atScale(before, scale), atScale(now, scale))
  }
  const byBucket = new Map<number, number>()
  for (const [bucket, count] of now.byBucket) {
    const more = count - (before.byBucket.get(bucket) ?? 0)
    if (more < 0) return null
    if (more > 0) byBucket.set(bucket, more)
  }
  for (const bucket of before.byBucket.keys()) if (!now.byBucket.has(bucket)) return null
  return { ...now, byBucket, total: now.total - before.total }
}

const sameBounds = (one: Counts['bounds'], other: Counts['bounds']): boolean =>
  one !== null && other !== null && one.length === other.length && one.every((bound, at) => bound === other[at])

/** Adds counts over `seconds` to `rates`; bounds times `factor`. */
export function addRates(rates: Rates, { bounds, scale, byBucket }: Counts, seconds: number, factor: number): void {
  for (const [bucket, count] of byBucket) {
    const [lower, upper] = bounds === null ? exponentialEdges(bucket, scale) : explicitEdges(bucket, bounds)
    const known = rates.get(upper * factor)
    const rate = count / seconds
    if (known === undefined) rates.set(upper * factor, { lower: lower * factor, rate })
    else rates.set(upper * factor, { lower: Math.min(known.lower, lower * factor), rate: known.rate + rate })
  }
}

const exponentialEdges = (bucket: number, scale: number): [number, number] =>
  bucket === ZERO ? [0, 0] : [2 ** (bucket * 2 ** -scale), 2 ** ((bucket + 1) * 2 ** -scale)]

const explicitEdges = (bucket: number, bounds: readonly number[]): [number, number] => {
  const upper = bounds[bucket] ?? Infinity
  return [bounds[bucket - 1] ?? Math.min(0, upper), upper]
}

/**
 * As Prometheus' `histogram_quantile`: even within a bucket, and above the last bound that bound. `shares` ascend; null: there were no requests. Where
 * buckets of different histograms overlap, both count.
 */
export function quantilesOf(rates: Rates, shares: readonly number[]): number[] | null {
  const total = rates.values().reduce((sum, { rate }) => sum + rate, 0)
  if (total <= 0) return null
  const found: number[] = []
  const isWanted = (): boolean => found.length < shares.length
  const wanted = (): number => shares[found.length]! * total * (1 - 1e-12)
  let [below, density, from] = [0, 0, -Infinity]
  for (const { at, mass, change } of edgesOf(rates)) {
    while (isWanted() && density > 0 && below + density * (at - from) >= wanted())
      found.push(from + (wanted() - below) / density)
    below += density === 0 ? 0 : density * (at - from)
    below += mass
    while (isWanted() && below >= wanted()) found.push(at)
    // what is left of densities that were added and taken away again
    density = Math.abs(density + change) < total * 1e-12 ? 0 : density + change
    from = at
  }
  // rounding may leave the last ones a hair short
  while (found.length < shares.length) found.push(from)
  return found
}

interface Edge {
  at: number
  /** requests a second of exactly this value */
  mass: number
  /** of the requests a second per unit, from here on */
  change: number
}

function edgesOf(rates: Rates): Edge[] {
  const edges: Edge[] = []
  for (const [upper, { lower, rate }] of rates) {
    const density = rate / (upper - lower)
    // above the last bound nothing is known; zero has no width
    if (upper === Infinity || upper === lower) edges.push({ at: lower, mass: rate, change: 0 })
    else edges.push({ at: lower, mass: 0, change: density }, { at: upper, mass: 0, change: -density })
  }
  return edges.sort((a, b) => a.at - b.at)
}
