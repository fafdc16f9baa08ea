/** Statistical tests between two samples of counts or shares; the baseline is a sample too, not the true rate. */

/**
 * Standard deviations by which the count `during` exceeds `expected`, if both are Poisson; `ratio`: exposure during divided by exposure
 * before (Anscombe, "The transformation of Poisson, binomial and negative-binomial data", Biometrika 1948: the root of a count + 3/8 has
 * variance 1/4; that of the expectation has `ratio` times as much).
 */
export function countDistance(during: number, expected: number, ratio: number): number {
  return (2 * (Math.sqrt(during + 0.375) - Math.sqrt(expected + 0.375))) / Math.sqrt(1 + ratio)
}

/**
 * Overdispersion of counts relative to Poisson, at least 1: Pearson's statistic divided by its degrees of freedom
 * (the quasi-likelihood of McCullagh and Nelder, "Generalized Linear Models", 1989, ch. 4.5 and 6.2).
 */
export function dispersionOf(counts: Uint32Array): number {
  const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length
  const squares = counts.reduce((sum, count) => sum + (count - mean) ** 2, 0)
  return mean > 0 ? Math.max(1, squares / mean / (counts.length - 1)) : 1
}

/** Difference of two shares in standard deviations (Cohen's h, 1988); with half a success and half a failure added to each side (the prior of Jeffreys, 1946), so that small samples show little. */
export function shareDistance(before: number, countBefore: number, during: number, countDuring: number): number {
  const angle = (share: number, count: number): number => Math.asin(Math.sqrt((share * count + 0.5) / (count + 1)))
  const weight = Math.sqrt((countBefore * countDuring) / (countBefore + countDuring))
  return 2 * (angle(during, countDuring) - angle(before, countBefore)) * weight
}
