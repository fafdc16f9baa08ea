/** Deployments, configuration, scaling: which could have begun it, and why the others did not. */
import type { Change } from '../observations.ts'
import type { RuledOut, Text } from '../verdict.ts'

const FADES_MS = 5 * 60_000
/** Clocks and scrapes are not exact: a change may be noted a little after what it did was seen. */
const LATE_MS = 90_000
const LONG_BEFORE = 0.05

/** What is known of a service that was changed. */
export interface Changed {
  service: string
  moved: boolean
}

/** 1 right before the onset, fading; 0 when it came after. */
export function nearness(change: Change, onset: number): number {
  const beforeMs = onset - change.timestamp
  if (beforeMs < -LATE_MS) return 0
  return Math.exp(-Math.max(0, beforeMs) / FADES_MS)
}

/**
 * How much less a change is suspected because others of its type came long before the onset and began nothing: 1 where there were
 * none. The rule of succession (Laplace, 1774: a Beta(1, 1) prior), against what it says of the first.
 */
export function guiltOf({ type }: Change, changes: readonly Change[], onset: number): number {
  const innocent = changes.filter((one) => one.type === type && nearness(one, onset) <= LONG_BEFORE && one.timestamp < onset) // prettier-ignore
  return 2 / (2 + innocent.length)
}

/** A change that names no service is of the one service whose folder its files lie in. */
export function withService(change: Change, services: readonly string[]): Change {
  if (change.service !== '' || change.detail === undefined) return change
  const parts = new Set(JSON.stringify(change.detail).split(/[^\w.-]+/))
  const named = services.filter((service) => parts.has(service))
  return named.length === 1 ? { ...change, service: named[0]! } : change
}

export function ruledOut(
  changes: readonly Change[],
  blamed: string | undefined,
  services: readonly Changed[],
  onset: number,
): RuledOut[] {
  return changes
    .filter((change) => change.id !== blamed)
    .map((change) => ({
      changeId: change.id,
      ...(change.service === '' ? {} : { service: change.service }),
      reason: reasonAgainst(change, services, onset),
    }))
}

function reasonAgainst(change: Change, services: readonly Changed[], onset: number): Text {
  if (nearness(change, onset) === 0) return { en: 'it came after the disturbance began', zh: '發生在異常開始之後' }
  if (services.find(({ service }) => service === change.service)?.moved !== true)
    return {
      en: `nothing of ${change.service || 'what it changed'} moved`,
      zh: `${change.service || '被變更的對象'} 的訊號沒有變化`,
    }
  if (nearness(change, onset) <= LONG_BEFORE) return { en: 'it came long before the disturbance', zh: '遠早於異常發生' }
  return { en: 'another service explains more of what was seen', zh: '另一個服務更能解釋所見' }
}
