/**
 * Questions with a known answer: blocks of the undisturbed baseline, each asked about as the window is, against the rest. What
 * they seem to show, chance shows: with thousands of series something always looks disturbed, in some systems far more than
 * in others (in-time placebo: Abadie, Diamond and Hainmueller, "Comparative politics and the synthetic control method", 2015).
 */
import { between } from './robust.ts'

export const PLACEBOS = 5
/** A block leaves this many times as much to compare it with. */
const SHARE = 4
const FEWEST = 8

/** Ranges of samples, of the length of the window where the baseline is long enough; none in a short baseline. */
export function placeboBlocks(samples: number, window: number): { start: number; end: number }[] {
  if (samples < FEWEST) return []
  const size = Math.max(1, Math.min(window, Math.floor(samples / SHARE)))
  const count = Math.min(PLACEBOS, Math.floor(samples / size))
  return Array.from({ length: count }, (_, index) => {
    const start = Math.floor(((samples - size) * index) / (count - 1))
    return { start, end: start + size }
  })
}

/**
 * A quantile of what is left of ascending values when some of them are taken away, themselves ascending: without building what is left,
 * because a block is short and a baseline long.
 */
export function quantileWithout(sorted: Float64Array, removed: Float64Array, share: number): number {
  const last = sorted.length - removed.length - 1
  if (last < 0) return 0
  const place = share * last
  const low = Math.floor(place)
  let gone = 0
  const skip = (at: number): number => {
    while (gone < removed.length && removed[gone]! <= sorted[at + gone]!) gone++
    return sorted[at + gone]!
  }
  const below = skip(low)
  return place === low ? below : between(below, skip(low + 1), place - low)
}
