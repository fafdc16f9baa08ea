/** Deviations that people know about. They are not announced, only counted. */
import { type Off, RANK, type Severity } from './watched.ts'

export interface Exception {
  service: string
  start: number
  end: number
  reason: 'maintenance' | 'expected' | 'deployment'
  /** only of these; absent: of all */
  indicators?: readonly string[]
  /** it only delays the announcement of what is less severe than this, and leaves alone what was announced; absent: it keeps out everything */
  below?: Severity
}

/** A service that would have been announced. */
export type KeptOut = Pick<Exception, 'service' | 'reason'>

export const covers = ({ indicators, below }: Exception, off: Off): boolean =>
  below === undefined && (indicators === undefined || indicators.includes(off.indicator))

export const delays = ({ below }: Exception, severity: Severity): boolean =>
  below !== undefined && RANK[severity] < RANK[below]
