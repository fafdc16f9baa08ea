import type { Severity } from '../watch/watched.ts'
import type { Forecast } from './forecasts.ts'

const HOUR_MS = 3_600_000

/** How soon somebody must act; of what did not get full, as last announced. */
export function severityOf({ at, full, path, ending }: Pick<Forecast, 'at' | 'full' | 'path' | 'ending'>): Severity {
  const told = ending === null || ending === 'full' ? at : (path[0]?.time ?? at)
  const left = full.at - told
  return left <= HOUR_MS ? 'critical' : left <= 24 * HOUR_MS ? 'warning' : 'info'
}
