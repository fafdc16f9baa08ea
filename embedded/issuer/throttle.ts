/** Who guesses waits longer each time. Nobody is locked out: whoever knows the password gets in after the wait, whatever others tried. */
import { LRUCache } from 'lru-cache'

const free = 5
const shortestMs = 100
const longestMs = 2_000
const forgottenAfterMs = 60_000
/** of one source; more at the same time are turned away */
const waitingAtMost = 100
const sourcesKnown = 10_000

interface Source {
  /** attempts lately, but for those that were right */
  tried: number
  waiting: number
}

export interface Attempt {
  /** how long it waits before it is looked at */
  waitMs: number
  /** it is over; one that was right does not count against its source */
  done(right: boolean): void
}

/** By source, never by name: a name is public, and known ones are treated as unknown ones are. Memory is bounded. */
export function createThrottle(now: () => number) {
  const sources = new LRUCache<string, Source>({
    ...{ max: sourcesKnown, ttl: forgottenAfterMs, ttlResolution: 0, perf: { now } },
  })
  return {
    /** null: too many of this source wait already */
    enter(address: string): Attempt | null {
      const source = sources.get(address) ?? { tried: 0, waiting: 0 }
      if (source.waiting >= waitingAtMost) return null
      const waitMs = source.tried < free ? 0 : Math.min(longestMs, shortestMs * 2 ** (source.tried - free))
      source.tried++
      source.waiting++
      sources.set(address, source)
      const done = (right: boolean) => {
        source.waiting--
        if (right) source.tried--
      }
      return { waitMs, done }
    },
  }
}
