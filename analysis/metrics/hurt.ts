/** The change of a series that users notice, in its own unit: 50 % slower, or one more failure in a hundred (the error budget of a 99 % SLO). */
import type { Deviation } from './comparison.ts'
import { isBetterWhenHigh, type Meaning, wholeOf } from './meaning.ts'
import type { Series } from '../observations.ts'

const SLOWER = 1.5
export const BUDGET = 0.01

/** The distance from the normal level that users notice; null: not a user-facing signal. */
export function hurtFrom(series: Series, meaning: Meaning, usual: number): number | null {
  if (meaning === 'latency') return (SLOWER - 1) * Math.abs(usual)
  if (meaning !== 'errors') return null
  const whole = allRequestsOf(series, usual)
  return whole === null ? (SLOWER - 1) * Math.abs(usual) : BUDGET * whole
}

/** Whether users notice the deviation, or samples stopped. A median that rises from 9.9 to 12.5 ms may point to the cause but affects nobody. */
export const isHurt = ({ series, meaning, absent, before, during }: Deviation): boolean =>
  absent || Math.abs(during - before) >= (hurtFrom(series, meaning, before) ?? Infinity)

/** The maximum (1 or 100) of a share of requests, judged by its level if the name does not say; null: not a share. */
export const allRequestsOf = (series: Series, usual: number): number | null =>
  wholeOf(series) ?? (isBetterWhenHigh(series) ? (usual > 1 ? 100 : 1) : null)
