/** Requests are on another topic than the events that reports are written from: a report waits until those events have been read. */
import { setTimeout as wait } from 'node:timers/promises'
import type { Bus } from '../../bus/bus.ts'
import { SESSIONS_GROUP } from './fold.ts'

const LONGEST_MS = 10_000
const POLL_MS = 100

/** Number of events that were not read in time. Throws if they are not being read at all, as while this process starts. */
export async function catchUp(bus: Pick<Bus, 'lag'>, signal: AbortSignal, longestMs = LONGEST_MS): Promise<number> {
  const deadline = Date.now() + longestMs
  for (;;) {
    const own = (await bus.lag()).filter(({ group }) => group === SESSIONS_GROUP)
    const behind = own.reduce((sum, { records }) => sum + records, 0)
    const isFollowing = own.length > 0
    if (isFollowing && behind === 0) return 0
    if (Date.now() >= deadline || signal.aborted) {
      if (!isFollowing) throw new Error('the events of sessions are not being read yet')
      return behind
    }
    await wait(POLL_MS)
  }
}
