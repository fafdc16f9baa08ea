/** Each wrong guess lengthens the next wait. Nobody is locked out: the right password works after the wait, whatever others tried. */
import { LRUCache } from 'lru-cache'

const free = 5
const shortestMs = 100
const longestMs = 2_000
const forgottenAfterMs = 60_000
/** waiting attempts per source; further ones are rejected */
const waitingAtMost = 100
const sourcesKnown = 10_000

interface Source {
  /** recent attempts, without the successful ones */
  tried: number
  waiting: number
}

export interface Attempt {
  /** ms the attempt must wait before it is checked */
  waitMs: number
  /** ends the attempt; a successful one does not count against its source */
  done(right: boolean): void
}

/** Per source, never per name: names are public, and known and unknown names must be treated alike. Memory is limited. */
export function createThrottle(now: () => number) {
  const sources = new LRUCache<string, Source>({
    ...{ max: sourcesKnown, ttl: forgottenAfterMs, ttlResolution: 0, perf: { now } },
  })
  return {
    /** null: too many attempts from this source are waiting already */
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
