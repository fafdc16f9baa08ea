import type { Forecast } from '../../analysis/filling/forecasts.ts'

/**
 * How far the time until full is off that was announced last at half of the way from `onset` to `full` (ms since the epoch), as a share of the time that was left; null:
 * nothing was foretold then. `forecasts`: of one resource, in order.
 */
export function errorAtHalf(
  forecasts: readonly Pick<Forecast, 'at' | 'phase' | 'full'>[],
  onset: number,
  full: number,
): number | null {
  const half = (onset + full) / 2
  const last = forecasts.findLast(({ at }) => at <= half)
  return last === undefined || last.phase === 'closed' ? null : Math.abs(last.full.at - full) / (full - half)
}
