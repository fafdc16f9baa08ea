/** How long each sample of a series stands for. */
import { median } from '../../analysis/metrics/robust.ts'

/** A sample stands for the time since the one before, but never for more than this many steps: the rest is a gap. */
export const STEPS_PER_SAMPLE = 2

/** ms between samples: the median, so that gaps do not count. */
export function stepOf(times: readonly number[]): number {
  const steps = times.slice(1).map((time, index) => time - times[index]!)
  return steps.length === 0 ? 0 : median(steps)
}

/** ms before each sample that it stands for. Of one answer: each answer has a step of its own. The first sample stands for one step. */
export function spansOf(times: readonly number[]): number[] {
  const step = stepOf(times)
  return times.map((time, place) => {
    const gap = place === 0 ? step : time - times[place - 1]!
    return Math.max(0, Math.min(gap, STEPS_PER_SAMPLE * step))
  })
}
