/** Deviations that people know about. They are not announced, only counted. */
import type { Off } from './watched.ts'

export interface Exception {
  service: string
  start: number
  end: number
  reason: 'maintenance' | 'expected' | 'deployment'
  /** only of these; absent: of all */
  indicators?: readonly string[]
}

/** A service that would have been announced. */
export type KeptOut = Pick<Exception, 'service' | 'reason'>

export const covers = ({ indicators }: Exception, off: Off): boolean =>
  indicators === undefined || indicators.includes(off.indicator)
