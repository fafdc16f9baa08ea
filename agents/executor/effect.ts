/** The effect of an action, judged by user-facing signals. Pure, so every case can be tested without a server. */
import type { CheckResult } from '../../schemas/events.generated.ts'

export type Effect = 'helped' | 'partly' | 'no_change' | 'worse' | 'unknown'

/** Levels before the onset, before the action, and after it; null: unknown. */
export type Levels = Pick<CheckResult, 'normal' | 'disturbed' | 'after'>

/** Share of the way back to normal at which a level counts as normal again. */
const BACK = 0.8
/** Share of the way back to normal at which it counts as better. */
const BETTER = 0.3
/** Growth of the disturbance, as a share of it, at which it counts as worse. */
const WORSE = 0.5
/** Normal variation of a level, as a share: smaller differences are ignored. */
const WAVER = 0.1

export function effectOn({ normal, disturbed, after }: Levels): Effect {
  if (normal === null || disturbed === null || after === null || normal === disturbed) return 'unknown'
  const back = (disturbed - after) / (disturbed - normal)
  if (back >= BACK || (isApart(disturbed, normal) && !isApart(after, normal))) return 'helped'
  if (back >= BETTER) return 'partly'
  return back <= -WORSE && isApart(after, disturbed) ? 'worse' : 'no_change'
}

/**
 * One effect for all checks. Users feel latency and errors, so if there are such checks only they count. `helped`: all are back to normal and none
 * went unmeasured, except for services without any data, such as a frontend in another Prometheus. `worse`: any is worse. `partly`: some are better.
 * `unknown`: none could be measured.
 */
export function overallEffect(checks: readonly Pick<CheckResult, 'service' | 'indicator' | 'effect'>[]): Effect {
  const felt = checks.filter(({ indicator }) => feltAs(indicator) !== null)
  const asked = felt.length > 0 ? felt : checks
  const measured = asked.filter(({ effect }) => effect !== 'unknown')
  const has = (effect: Effect) => measured.some((check) => check.effect === effect)
  if (measured.length === 0) return 'unknown'
  if (has('worse')) return 'worse'
  const isBack = felt.length > 0 && measured.every(({ effect }) => effect === 'helped')
  const known = asked.filter(({ service }) => measured.some((one) => one.service === service))
  if (isBack && known.every((check) => isSeen(check, measured))) return 'helped'
  return has('helped') || has('partly') ? 'partly' : 'no_change'
}

/** Measurements in a row that must agree. `helped` needs fewer than the others: a level that is not back to normal yet may still be recovering. */
const AGREE = { helped: 2, otherwise: 3 }

/** Whether the effects measured so far, oldest first, are stable enough to stop measuring. */
export function isStable(looks: readonly Effect[]): boolean {
  const last = looks.at(-1)
  if (last === undefined || last === 'unknown') return false
  const row = looks.slice(-(last === 'helped' ? AGREE.helped : AGREE.otherwise))
  return row.length === (last === 'helped' ? AGREE.helped : AGREE.otherwise) && row.every((effect) => effect === last)
}

function feltAs(indicator: string): 'latency' | 'errors' | null {
  if (indicator.startsWith('latency')) return 'latency'
  return indicator.startsWith('error') ? 'errors' : null
}

/** A quantile without samples counts as measured if another quantile of the same service was. */
const isSeen = (
  { service, indicator }: Pick<CheckResult, 'service' | 'indicator'>,
  measured: readonly Pick<CheckResult, 'service' | 'indicator'>[],
): boolean =>
  measured.some(
    (one) =>
      one.service === service && (one.indicator === indicator || feltAs(one.indicator) === (feltAs(indicator) ?? '')),
  )

const isApart = (level: number, from: number): boolean => Math.abs(level - from) > WAVER * Math.abs(from)
