/** Tracks partitions that are stuck and why: without this, a stuck group looks idle. */
import { BusError, messageOf, type Observer, type Place } from './bus.ts'

export interface Standing {
  /** the next records could not be processed; they will be retried */
  failed(place: Place, error: unknown): void
  moved(place: Place): void
  unhealthy(): string | null
}

export interface StandingOptions {
  /** ms a partition may fail before it counts as stuck; with `not_prepared`, which needs an operator, it counts at once */
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

/** A partition without a failure for this long has moved to another member or has nothing left to consume. */
const FORGET_MS = 60_000
/** Limits the length of a log line. */
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
      return `${topic}, partition ${partition}, has been stuck since ${new Date(one.since).toISOString()}: ${openReason(one.error)}`
    },
  }
}

export const keyOf = ({ topic, partition }: Place): string => `${topic}/${partition}`

/**
 * The health endpoint is public, and error messages of other programs may contain an address, a user or a password: those go to the log only.
 * Returns our own message if an operator must create something, otherwise an error code (ours, or that of the socket or database).
 */
export const openReason = (error: unknown): string => {
  if (isForTheOperator(error)) return messageOf(error)
  const { code } = Object(error) as { code?: unknown }
  return typeof code === 'string' && /^\w{1,30}$/.test(code) ? code : 'see the log'
}

const isForTheOperator = (error: unknown): boolean => error instanceof BusError && error.code === 'not_prepared'
