/**
 * Learns a forecaster's typical error from a stream: the mean absolute error, and a limit that one in a thousand errors exceeds. The limit
 * is a quantile estimated by stochastic approximation (Robbins and Monro, 1951) on the logarithm: each error above it raises it by a fixed
 * factor, so that it adapts to spikes of any size within a few steps.
 */

/** Plain data, as it is stored. */
export interface Errors {
  count: number
  /** mean absolute error; errors are clipped to a few times this, so that an anomaly does not hide the next one */
  scale: number
  limit: number
}

/** Where the errors of one forecaster are in memory: `count`, `scale` and `limit` in a row. */
export const ERRORS = 3

export const errorsAt = (memory: Float64Array, at: number): Errors => ({
  count: memory[at]!,
  scale: memory[at + 1]!,
  limit: memory[at + 2]!,
})

export const keepErrors = (memory: Float64Array, at: number, { count, scale, limit }: Errors): void =>
  memory.set([count, scale, limit], at)

/**
 * Adds one error of absolute size `size`; for the first `warmUp` errors the limit is the largest of them. In place: objects that live for one step cost more
 * than the arithmetic, where many series are watched.
 */
export function learnError(memory: Float64Array, at: number, size: number, warmUp: number): void {
  const [count, scale, limit] = [memory[at]!, memory[at + 1]!, memory[at + 2]!]
  const isKnown = count >= warmUp
  const seen = isKnown ? clipped(size, scale, WAKING) : size
  const learned = scale + Math.max(1 / (count + 1), FORGETTING) * (seen - scale)
  // n errors cannot show a quantile rarer than 1/n
  const rare = Math.max(1 / (count + 1), RARE)
  const moved = isKnown ? limit * moveOf(size > limit, rare) : Math.max(limit, size)
  memory[at] = count + 1
  memory[at + 1] = learned
  memory[at + 2] = Math.max(moved, LEAST * learned)
}

/** Clips `size` to a few times `scale`, but not below `share` of itself. */
export const clipped = (size: number, scale: number, share: number): number =>
  Math.min(size, Math.max(CLIP * scale, share * size))

const CLIP = 4
const FORGETTING = 0.004
/** Lets the scale of a constant series grow again once it starts to move. */
const WAKING = 0.02
const RARE = 0.001
const STEP = 1.5
/** Computed once: powers are slow. */
const [RISE, FALL] = [STEP ** (1 - RARE), STEP ** -RARE]

function moveOf(isAbove: boolean, rare: number): number {
  if (rare === RARE) return isAbove ? RISE : FALL
  return STEP ** (isAbove ? 1 - rare : -rare)
}

/** In mean absolute errors: one in ten thousand normally distributed errors exceeds this (3.9 standard deviations). */
const LEAST = 4.9
