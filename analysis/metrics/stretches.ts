/**
 * Divides samples into overlapping stretches of equal length, each summarised by a quantile, because a lasting level is more significant
 * than single samples (moving blocks: Künsch, "The jackknife and the bootstrap for general stationary observations", 1989).
 */
import { quantileInPlace, quantileOf } from './robust.ts'

/** A disturbance need not last for the whole window, only for this share of it. */
const SHARE = 0.4
/** Minimum number of stretches in the baseline. */
const FEWEST = 6
const LONGEST = 60

/** Samples per stretch, given the number of samples before and during. */
export const stretchLength = (before: number, during: number): number =>
  Math.max(1, Math.min(Math.ceil(during * SHARE), Math.floor(before / FEWEST), LONGEST))

export interface Stretches {
  /** samples between the starts of consecutive stretches: they overlap by half */
  stride: number
  /** a quantile of each stretch */
  levels: Float64Array
}

export function stretches(values: Float64Array, length: number, at: number): Stretches {
  const stride = Math.max(1, Math.floor(length / 2))
  const count = Math.floor((values.length - length) / stride) + 1
  if (count <= 0) return { stride, levels: Float64Array.of(quantileOf(values, at)) }
  if (length === 1) return { stride, levels: values }
  const levels = new Float64Array(count)
  const one = new Float64Array(length)
  for (let index = 0; index < count; index++) {
    for (let place = 0; place < length; place++) one[place] = values[index * stride + place]!
    levels[index] = quantileInPlace(one, at)
  }
  return { stride, levels }
}

/** Stretches by quantile, computed lazily and cached. */
export function habitsOf(values: Float64Array, length: number): (at: number) => Stretches {
  const known = new Map<number, Stretches>()
  return (at) => {
    const habits = known.get(at) ?? stretches(values, length, at)
    known.set(at, habits)
    return habits
  }
}

/** Levels of the stretches that start at or before sample `upTo`, or at or after sample `from`. */
export function outside({ stride, levels }: Stretches, upTo: number, from: number): Float64Array {
  const first = Math.max(0, Math.min(levels.length, Math.floor(upTo / stride) + 1))
  const next = Math.max(first, Math.min(levels.length, Math.ceil(from / stride)))
  const kept = new Float64Array(levels.length - (next - first))
  kept.set(levels.subarray(0, first))
  kept.set(levels.subarray(next), first)
  return kept
}
