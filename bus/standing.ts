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
  error: unknown
  stands: boolean
}

/** A partition that has not failed here for so long has another member, or nothing more to take. */
const FORGET_MS = 60_000
/** A reason goes into a log line. */
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
      const one = { place, since, last: now(), error, stands: stands || isForTheOperator(error) || now() - since > limitMs } // prettier-ignore
      failing.set(keyOf(place), one)
      if (one.stands && !stands) observer?.stands(place, messageOf(error).slice(0, REASON_CHARACTERS))
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
      return `${topic}, partition ${partition}, stands still since ${new Date(one.since).toISOString()}: ${openReason(one.error)}`
    },
  }
}

export const keyOf = ({ topic, partition }: Place): string => `${topic}/${partition}`

/**
 * Anybody may ask whether a consumer is well. So what another program said stays in the log: it may name an address, a user or a password.
 * Told are our own words of what an operator must make, or a stable code: ours, a socket's, a database's.
 */
export const openReason = (error: unknown): string => {
  if (isForTheOperator(error)) return messageOf(error)
  const { code } = Object(error) as { code?: unknown }
  return typeof code === 'string' && /^\w{1,30}$/.test(code) ? code : 'the log says why'
}

const isForTheOperator = (error: unknown): boolean => error instanceof BusError && error.code === 'not_prepared'
