/** Robust slope estimation (Sen, "Estimates of the regression coefficient based on Kendall's tau", 1968). */
import { normalQuantile } from './normal.ts'
import { quantileOfSorted } from './robust.ts'

export interface Sample {
  /** ms since the epoch */
  time: number
  value: number
}

/** Change of the value per ms, with its confidence interval. */
export interface Slope {
  estimate: number
  lower: number
  upper: number
}

/**
 * The median slope between all pairs of samples, with a confidence interval from the normal approximation of Kendall's statistic. Needs at
 * least two samples with different times.
 */
export function senSlope(samples: readonly Sample[], level: number): Slope {
  const count = samples.length
  const slopes = new Float64Array((count * (count - 1)) / 2)
  let known = 0
  for (let index = 0; index < count; index++)
    for (let later = index + 1; later < count; later++) slopes[known++] = slopeBetween(samples[index]!, samples[later]!)
  slopes.sort()
  const half = normalQuantile((1 + level) / 2) * Math.sqrt((count * (count - 1) * (2 * count + 5)) / 18)
  const place = (at: number) => slopes[Math.min(slopes.length - 1, Math.max(0, Math.round(at)))]!
  return {
    estimate: quantileOfSorted(slopes, 0.5),
    lower: place((slopes.length - half) / 2 - 1),
    upper: place((slopes.length + half) / 2),
  }
}

const slopeBetween = (one: Sample, later: Sample): number => (later.value - one.value) / (later.time - one.time)
