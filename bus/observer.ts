/** Logs what the bus reports. */
import type { Observer } from './bus.ts'

/** The part of a pino logger that is needed here. */
export interface Log {
  info(about: object, message: string): void
  warn(about: object, message: string): void
  error(about: object, message: string): void
}

export const logging = (log: Log, also: Partial<Observer> = {}): Observer => ({
  putAside(letter) {
    log.warn({ ...letter }, 'dead letter: a record could not be taken and was put aside')
    also.putAside?.(letter)
  },
  stands(place, reason) {
    log.error({ ...place, reason }, 'a partition stands still: what lies on it waits')
    also.stands?.(place, reason)
  },
  goesOn(place) {
    log.info({ ...place }, 'a partition goes on')
    also.goesOn?.(place)
  },
})
