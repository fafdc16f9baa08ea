/** What the executor will measure again after an action: user-facing indicators of its target and of the entry points above it. */
import { median } from '../../analysis/metrics/robust.ts'
import type { Observations, Series } from '../../analysis/observations.ts'
import type { Action, Check } from '../../schemas/events.generated.ts'

const MAX_CHECKS = 3
const MAX_FRONTS = 2
/** an indicator is checked after the action only if it exceeded its normal level by this factor; smaller moves are noise */
const MOVED = 1.2

/** What levels and entry points are read from. */
export type Measured = Pick<Observations, 'series' | 'edges' | 'asked'>

/** Levels before and since a time; null: no sample. */
export interface Moved {
  series: Series
  normal: number | null
  disturbed: number | null
}

/** `signals`: the indicators to check, the most significant first. `since`: start of the disturbance, ms since the epoch. */
export function checksFor(
  action: Action,
  signals: readonly string[],
  since: number | null,
  observations: Measured,
): Check[] {
  if (since === null) return []
  const { service } = action
  const of = (one: string) => checksOf(one, { action, signals, since, observations })
  return [
    ...of(service).slice(0, MAX_CHECKS),
    ...frontsOf(service, observations)
      .flatMap((front) => of(front).slice(0, 1))
      .slice(0, MAX_FRONTS),
  ]
}

/** Direct and indirect callers: the requested service first, then entry points (services that nothing calls). */
function frontsOf(service: string, { edges, asked }: Measured): string[] {
  const callers = new Set([service])
  for (const caller of callers) for (const { from, to } of edges) if (to === caller) callers.add(from)
  callers.delete(service)
  const isFront = (one: string) => one === asked || !edges.some(({ to }) => to === one)
  return [...callers].filter(isFront).sort((a, b) => Number(b === asked) - Number(a === asked))
}

interface Asked {
  action: Action
  signals: readonly string[]
  since: number
  observations: Measured
}

/** The indicators of one service that moved, with both levels. */
const checksOf = (service: string, { action, signals, since, observations }: Asked): Check[] =>
  roseIn(service, signals, since, observations).map(({ series, normal, disturbed }) => ({
    tool: 'prometheus',
    service,
    namespace: action.namespace,
    indicator: series.indicator,
    bad_direction: 'up',
    normal,
    disturbed,
    evidence_id: series.evidence ?? null,
    unit: series.unit ?? null,
  }))

/** The indicators of a service that rose, in the order of `signals`. */
export const roseIn = (service: string, signals: readonly string[], since: number, observations: Measured) =>
  levelsOf(service, signals, since, observations)
    .filter(({ normal, disturbed }) => normal !== null && disturbed !== null && disturbed > MOVED * normal)
    .sort((a, b) => signals.indexOf(a.series.indicator) - signals.indexOf(b.series.indicator))

export const levelsOf = (service: string, indicators: readonly string[], since: number, { series }: Measured) =>
  series
    .filter((one) => one.service === service && indicators.includes(one.indicator))
    .map((one): Moved => {
      const points = [...one.times].map((time, index) => ({ time, value: one.values[index] ?? Number.NaN }))
      const normal = level(points.filter((point) => point.time < since).map((point) => point.value))
      const disturbed = level(points.filter((point) => point.time >= since).map((point) => point.value))
      return { series: one, normal, disturbed }
    })

function level(values: readonly number[]): number | null {
  const finite = values.filter(Number.isFinite)
  return finite.length === 0 ? null : median(finite)
}
