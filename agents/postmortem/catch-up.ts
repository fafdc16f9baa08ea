/** A report is asked for on another topic than the events it is written from: it waits until those have been read. */
import { setTimeout as wait } from 'node:timers/promises'
import type { Bus } from '../../bus/bus.ts'
import { SESSIONS_GROUP } from './fold.ts'

const LONGEST_MS = 10_000
const POLL_MS = 100

/** Number of events that were not read in time. */
export async function catchUp(bus: Pick<Bus, 'lag'>, signal: AbortSignal): Promise<number> {
  const deadline = Date.now() + LONGEST_MS
  for (;;) {
    const behind = (await bus.lag())
      .filter(({ group }) => group === SESSIONS_GROUP)
      .reduce((sum, { records }) => sum + records, 0)
    if (behind === 0 || Date.now() >= deadline || signal.aborted) return behind
    await wait(POLL_MS)
  }
}
