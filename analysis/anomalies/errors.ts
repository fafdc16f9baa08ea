/**
 * How far off a forecaster usually is, learned as its errors come: their mean size, and a limit that one in a thousand goes beyond. The limit
 * is a quantile found by stochastic approximation (Robbins and Monro, 1951) on the logarithm: when passed it rises by a share of itself, so
 * that a few steps reach spikes of any size, and what was just seen is no surprise a moment later.
 */

/** Plain data. */
export interface Errors {
  count: number
  /** mean size, each clipped to a few of it: an anomaly does not make the next one look usual */
  scale: number
  limit: number
}

export const NO_ERRORS: Errors = { count: 0, scale: 0, limit: 0 }

/** `size` of the error; while fewer than `warmUp` are known the limit is the largest. */
export function withError({ count, scale, limit }: Errors, size: number, warmUp: number): Errors {
  const isKnown = count >= warmUp
  const seen = isKnown ? clipped(size, scale, WAKING) : size
  const learned = scale + Math.max(1 / (count + 1), FORGETTING) * (seen - scale)
  // Of so many errors none is rarer than one in as many.
  const rare = Math.max(1 / (count + 1), RARE)
  const moved = isKnown ? limit * STEP ** (size > limit ? 1 - rare : -rare) : Math.max(limit, size)
  return { count: count + 1, scale: learned, limit: Math.max(moved, LEAST * learned) }
}

/** To a few scales, but never to less than a share of it. */
export const clipped = (size: number, scale: number, share: number): number =>
  Math.min(size, Math.max(CLIP * scale, share * size))

const CLIP = 4
const FORGETTING = 0.004
/** So that what stood still wakes. */
const WAKING = 0.02
const RARE = 0.001
const STEP = 1.5
/** Mean sizes that one in ten thousand normally distributed errors goes beyond: 3.9 standard deviations. */
const LEAST = 4.9
