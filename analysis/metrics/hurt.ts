/** What users feel of a series, in its own unit: half as slow again, or one more failure in a hundred (an error budget of 99 %). */
import type { Deviation } from './comparison.ts'
import { isBetterWhenHigh, type Meaning, wholeOf } from './meaning.ts'
import type { Series } from '../observations.ts'

const SLOWER = 1.5
export const BUDGET = 0.01

/** How far from its usual level it hurts; null: users feel nothing of such a series. */
export function hurtFrom(series: Series, meaning: Meaning, usual: number): number | null {
  if (meaning === 'latency') return (SLOWER - 1) * Math.abs(usual)
  if (meaning !== 'errors') return null
  const whole = allRequestsOf(series, usual)
  return whole === null ? (SLOWER - 1) * Math.abs(usual) : BUDGET * whole
}

/** Users feel it, or nothing comes any more. That a median went from 9.9 to 12.5 ms may be the cause, and hurts nobody. */
export const isHurt = ({ series, meaning, absent, before, during }: Deviation): boolean =>
  absent || Math.abs(during - before) >= (hurtFrom(series, meaning, before) ?? Infinity)

/** 1 or 100 where it tells a share of requests, by its level where it does not say; null: it tells no share. */
export const allRequestsOf = (series: Series, usual: number): number | null =>
  wholeOf(series) ?? (isBetterWhenHigh(series) ? (usual > 1 ? 100 : 1) : null)
