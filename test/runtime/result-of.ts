import { expect } from 'vitest'
import type { CountingBench } from './counting.ts'

/** The result of a session whose run has ended; everything is published by then. */
export async function resultOf(bench: CountingBench, sessionId: string) {
  return {
    completed: distinct(await bench.events('DiagnosisCompleted', sessionId)),
    progressed: distinct(await bench.events('DiagnosisProgressed', sessionId)),
  }
}

/** Drops repeats by event_id, as readers do. Repeats must be identical. */
function distinct<T extends { event_id: string; sequence: number }>(values: readonly T[]): T[] {
  const byId = new Map<string, T>()
  for (const value of values) {
    const known = byId.get(value.event_id)
    if (known !== undefined) expect(value).toEqual(known)
    byId.set(value.event_id, value)
  }
  return [...byId.values()].sort((a, b) => a.sequence - b.sequence)
}
