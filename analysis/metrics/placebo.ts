/**
 * Questions with a known answer: blocks of the undisturbed baseline, each asked about as the window is, against the rest. What
 * they seem to show, chance shows: with thousands of series something always looks disturbed, in some systems far more than
 * in others (in-time placebo: Abadie, Diamond and Hainmueller, "Comparative politics and the synthetic control method", 2015).
 */

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

/** Both ascending; `removed` is part of `sorted`. */
export function without(sorted: Float64Array, removed: Float64Array): Float64Array {
  const rest = new Float64Array(sorted.length - removed.length)
  let [kept, next] = [0, 0]
  for (let index = 0; index < sorted.length; index++) {
    const value = sorted[index]!
    if (next < removed.length && removed[next] === value) next++
    else rest[kept++] = value
  }
  return rest
}
