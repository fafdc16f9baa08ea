/** A short calm baseline does not show the noise floor of backend metrics: then only user-facing symptoms make an incident. */
import { seriesOfUsers } from './earlier-incidents.ts'
import type { Investigation } from './investigate.ts'
import { firstOf } from './measured.ts'
import { MOVED } from './metrics/deviation.ts'
import { lengthOf } from './metrics/disturbed.ts'
import { isHurt } from './metrics/hurt.ts'
import type { Observations } from './observations.ts'
import type { Text } from './verdict.ts'

const BRIEF_MS = 2 * 60_000

/** Why it may not be an incident; null: the baseline is long enough, or users feel it. */
export function mayBeChance(observations: Observations, found: Investigation): Text | null {
  const calmMs = calmLength(observations, found)
  if (observations.series.length === 0 || calmMs >= BRIEF_MS || isFeltByUsers(observations, found)) return null
  const seconds = Math.round(calmMs / 1000)
  return {
    en: `only ${seconds} s of undisturbed baseline, and no user-facing signal moved: it may be noise`,
    zh: `基準時段只有 ${seconds} 秒正常資料，且使用者有感的指標都沒有變化：可能只是雜訊`,
  }
}

/** ms of measured, undisturbed baseline. */
function calmLength(
  { series, baseline, window }: Observations,
  { onset, disturbed: { ranges } }: Investigation,
): number {
  const before = baseline ?? { start: window.start, end: onset }
  const start = firstOf({ series, window: before })
  const apart = ranges.map((one) => ({ start: Math.max(one.start, start), end: Math.min(one.end, before.end) }))
  return before.end - start - lengthOf(apart.filter((one) => one.end > one.start))
}

function isFeltByUsers(observations: Observations, { suspects }: Investigation): boolean {
  const users = new Set(seriesOfUsers(observations).map(({ service }) => service))
  // without user-facing series, any degraded service may affect users
  const isTheirs = (service: string) => users.size === 0 || users.has(service)
  return suspects.some(({ service, deviations }) => isTheirs(service) && deviations.some((one) => one.z > MOVED && isHurt(one))) // prettier-ignore
}
