/** Which partitions of a group do not get on, and why: a group that stands still looks idle from outside. */
import { BusError, messageOf, type Observer, type Place } from './bus.ts'

export interface Standing {
  /** the records behind the position could not be taken; they come again */
  failed(place: Place, error: unknown): void
  moved(place: Place): void
  unhealthy(): string | null
}

export interface StandingOptions {
  /** ms a partition may fail before it counts as standing; what an operator must make counts at once */
  limitMs: number
  observer?: Observer | undefined
  now?(): number
}

interface Failing {
  place: Place
  since: number
  last: number
  reason: string
  stands: boolean
}

/** A partition that has not failed here for so long has another member, or nothing more to take. */
const FORGET_MS = 60_000
/** A reason goes into a log line and an answer. */
const REASON_CHARACTERS = 500

export function watchStanding({ limitMs, observer, now = Date.now }: StandingOptions): Standing {
  const failing = new Map<string, Failing>()
  const forget = (key: string, one: Failing) => {
    failing.delete(key)
    if (one.stands) observer?.goesOn(one.place)
  }
  return {
    failed(place, error) {
      const { since, stands } = failing.get(keyOf(place)) ?? { since: now(), stands: false }
      const reason = messageOf(error).slice(0, REASON_CHARACTERS)
      const one = { place, since, last: now(), reason, stands: stands || isForTheOperator(error) || now() - since > limitMs } // prettier-ignore
      failing.set(keyOf(place), one)
      if (one.stands && !stands) observer?.stands(place, reason)
    },
    moved(place) {
      const one = failing.get(keyOf(place))
      if (one !== undefined) forget(keyOf(place), one)
    },
    unhealthy() {
      for (const [key, one] of failing) if (now() - one.last > FORGET_MS) forget(key, one)
      const one = [...failing.values()].find(({ stands, since }) => stands || now() - since > limitMs)
      if (one === undefined) return null
      const { topic, partition } = one.place
      return `${topic}, partition ${partition}, stands still since ${new Date(one.since).toISOString()}: ${one.reason}`
    },
  }
}

export const keyOf = ({ topic, partition }: Place): string => `${topic}/${partition}`

const isForTheOperator = (error: unknown): boolean => error instanceof BusError && error.code === 'not_prepared'
