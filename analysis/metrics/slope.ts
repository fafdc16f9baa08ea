/** Lines that a few wild values do not bend. */
import { normalQuantile } from './normal.ts'
import { median } from './robust.ts'

export interface Sample {
  /** ms since the epoch */
  time: number
  value: number
}

/** Of the value, per ms. */
export interface Slope {
  estimate: number
  lower: number
  upper: number
}

/**
 * The median of the slopes between all samples, with its interval from the normal approximation of Kendall's statistic (Sen, "Estimates
 * of the regression coefficient based on Kendall's tau", 1968). At least two samples, at different instants.
 */
export function senSlope(samples: readonly Sample[], level: number): Slope {
  const count = samples.length
  const slopes: number[] = []
  for (const [index, { time, value }] of samples.entries())
    for (const later of samples.slice(index + 1)) slopes.push((later.value - value) / (later.time - time))
  slopes.sort((a, b) => a - b)
  const half = normalQuantile((1 + level) / 2) * Math.sqrt((count * (count - 1) * (2 * count + 5)) / 18)
  const place = (at: number) => slopes[Math.min(slopes.length - 1, Math.max(0, Math.round(at)))]!
  return {
    estimate: median(slopes),
    lower: place((slopes.length - half) / 2 - 1),
    upper: place((slopes.length + half) / 2),
  }
}
