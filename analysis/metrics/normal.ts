/**
 * A quantile of the normal distribution (Acklam, "An algorithm for computing the inverse normal cumulative distribution function", 2003;
 * the error is below 1e-8).
 */
export function normalQuantile(p: number): number {
  if (p > 0.97575) {
    const q = Math.sqrt(-2 * Math.log(1 - p))
    const numerator = ((((-7.784894002430293e-3 * q - 0.3223964580411365) * q - 2.400758277161838) * q - 2.549732539343734) * q + 4.374664141464968) * q + 2.938163982698783 // prettier-ignore
    return -numerator / ((((7.784695709041462e-3 * q + 0.3224671290700398) * q + 2.445134137142996) * q + 3.754408661907416) * q + 1) // prettier-ignore
  }
  if (p < 0.02425) return -normalQuantile(1 - p)
  const q = p - 0.5
  const r = q * q
  const numerator = (((((-39.69683028665376 * r + 220.9460984245205) * r - 275.9285104469687) * r + 138.357751867269) * r - 30.66479806614716) * r + 2.506628277459239) * q // prettier-ignore
  return numerator / (((((-54.47609879822406 * r + 161.5858368580409) * r - 155.6989798598866) * r + 66.80131188771972) * r - 13.28068155288572) * r + 1) // prettier-ignore
}
