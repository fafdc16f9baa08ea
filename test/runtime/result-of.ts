import { expect } from 'vitest'
import { type CountingBench, until } from './counting.ts'

/** The result of a session whose run has ended; what was published last may not have arrived here yet. */
export async function resultOf(bench: CountingBench, sessionId: string) {
  await until(10_000, 'the session is answered', async () => bench.events('DiagnosisCompleted', sessionId).length > 0)
  return {
    completed: distinct(bench.events('DiagnosisCompleted', sessionId)),
    progressed: distinct(bench.events('DiagnosisProgressed', sessionId)),
  }
}

/** One of each event_id: what a reader that drops repeats sees. Repeats must be identical. */
function distinct<T extends { event_id: string; sequence: number }>(values: readonly T[]): T[] {
  const byId = new Map<string, T>()
  for (const value of values) {
    const known = byId.get(value.event_id)
    if (known !== undefined) expect(value).toEqual(known)
    byId.set(value.event_id, value)
  }
  return [...byId.values()].sort((a, b) => a.sequence - b.sequence)
}
