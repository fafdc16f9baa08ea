/**
 * In-time placebo tests: blocks of the undisturbed baseline are compared with the rest of it, as the window is with the baseline. Their
 * deviations are chance. Among thousands of series some always deviate, and in some systems far more than in others (Abadie, Diamond and
 * Hainmueller, "Comparative politics and the synthetic control method", 2015).
 */
import { between } from './robust.ts'

export const PLACEBOS = 5
/** A block is at most this fraction (1/4) of the baseline. */
const SHARE = 4
const FEWEST = 8

/** Index ranges of the blocks, as long as the window if the baseline permits; none in a short baseline. */
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
 * A quantile of the sorted values without `removed` (also sorted, a subset of them), computed without building the remaining array, because
 * baselines are long.
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
