/** Backoff per partition: a partition whose records fail is skipped for a while, and the others continue. */
import { keyOf } from '../standing.ts'
import type { Partition } from './log.ts'

export interface Resting {
  failed(place: Partition): void
  moved(place: Partition): void
  now(): Partition[]
  /** ms until the first of them may be retried */
  soonest(): number
}

export function createResting(backoffMs: readonly number[]): Resting {
  const failing = new Map<string, { place: Partition; failures: number; until: number }>()
  const resting = () => [...failing.values()].filter(({ until }) => until > Date.now())
  return {
    failed(place) {
      const failures = failing.get(keyOf(place))?.failures ?? 0
      const ms = backoffMs[Math.min(failures, backoffMs.length - 1)]!
      failing.set(keyOf(place), { place, failures: failures + 1, until: Date.now() + ms })
    },
    moved: (place) => void failing.delete(keyOf(place)),
    now: () => resting().map(({ place }) => place),
    soonest: () => Math.max(0, Math.min(...resting().map(({ until }) => until - Date.now()))),
  }
}
