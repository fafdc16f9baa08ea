/**
 * Prometheus' `rate` of one counter, so that the recording agrees with a Prometheus that scrapes the same services: the increase is extrapolated to
 * the ends of the window if samples come close to them, and never below zero (`extrapolatedRate` in its promql/functions.go).
 */
export interface CounterSample {
  /** ms */
  at: number
  value: number
}

/** If an end of the window is farther from the nearest sample than this many sample intervals, the counter began or ended inside. */
const NEAR = 1.1

/** Per second, over `(end - windowMs, end]`; null: fewer than two samples. */
export function rate(samples: readonly CounterSample[], end: number, windowMs: number): number | null {
  const inside = samples.filter(({ at }) => at > end - windowMs && at <= end)
  const [first, last] = [inside[0], inside.at(-1)]
  if (first === undefined || last === undefined || last.at === first.at) return null
  const grown = increase(inside)
  const sampledMs = last.at - first.at
  const usualMs = sampledMs / (inside.length - 1)
  const reach = (ms: number): number => (ms >= NEAR * usualMs ? usualMs / 2 : ms)
  const sinceZero = grown > 0 ? (sampledMs * first.value) / grown : Infinity
  const before = Math.min(reach(first.at - (end - windowMs)), sinceZero)
  const after = reach(end - last.at)
  return (grown * (sampledMs + before + after)) / sampledMs / (windowMs / 1_000)
}

/** A counter that falls was reset to zero. */
const increase = (samples: readonly CounterSample[]): number =>
  samples.reduce((sum, { value }, index) => {
    const before = samples[index - 1]?.value ?? value
    return sum + (value < before ? value : value - before)
  }, 0)
