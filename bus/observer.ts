/** An observer that logs dead letters and stuck partitions; the metrics count dead letters too. */
import { channel } from 'node:diagnostics_channel'
import type { Observer } from './bus.ts'

/** every dead letter of this process, as `PutAside` */
export const deadLetterChannel = channel('sre:dead-letter')

/** The part of a pino logger that is needed here. */
export interface Log {
  info(about: object, message: string): void
  warn(about: object, message: string): void
  error(about: object, message: string): void
}

export const logging = (log: Log, also: Partial<Observer> = {}): Observer => ({
  putAside(letter) {
    log.warn({ ...letter }, 'a record could not be processed and was dead-lettered')
    deadLetterChannel.publish(letter)
    also.putAside?.(letter)
  },
  stands(place, reason) {
    log.error({ ...place, reason }, 'a partition is stuck: its records are not being consumed')
    also.stands?.(place, reason)
  },
  goesOn(place) {
    log.info({ ...place }, 'a partition is being consumed again')
    also.goesOn?.(place)
  },
})
