import { setTimeout as wait } from 'node:timers/promises'

/** A busy cluster shows a change in its own time, so the wait ends only when nothing more has appeared for this long. */
const LIMITS = { stillMs: 120_000, pollMs: 100 }

/**
 * Waits until nothing is left to show: a cluster accepts a change before all brokers know it.
 * Throws what `problem` says of the rest if none of it has appeared for `stillMs`.
 */
export async function untilShown<T>(
  leftToShow: () => Promise<readonly T[]>,
  problem: (left: readonly T[]) => string,
  { stillMs, pollMs } = LIMITS,
): Promise<void> {
  let fewest = Number.POSITIVE_INFINITY
  let deadline = 0
  for (; ; await wait(pollMs)) {
    const left = await leftToShow()
    if (left.length === 0) return
    if (left.length < fewest) {
      fewest = left.length
      deadline = Date.now() + stillMs
    } else if (Date.now() > deadline) throw new Error(`${problem(left)}, and has shown nothing more for ${stillMs / 1000} s`) // prettier-ignore
  }
}
