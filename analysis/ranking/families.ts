/** Evidence of one service by its kind: each kind adds up by itself, because indicators of one kind tell of the same thing. */
import { type Compared, type Deviation, MOVED } from '../metrics/deviation.ts'
import type { TemplateChange } from '../logs/changes.ts'
import type { PathChange } from '../logs/paths.ts'
import { isOfClient, type Meaning } from '../metrics/meaning.ts'
import { PLACEBOS } from '../metrics/placebo.ts'
import { median } from '../metrics/robust.ts'
import type { TraceFinding } from '../traces/compare.ts'
import { diminishing, weightOf } from '../metrics/weight.ts'

/** `waiting`: for what it calls; `waited`: its callers for it. */
export type Family = Meaning | 'absent' | 'waiting' | 'waited' | 'logs' | 'paths' | 'traces'
export type Families = Map<Family, number>

const LOG_WEIGHT = 1.5
const PATH_WEIGHT = 3
/** Of thousands of pairs of events some differ this much by chance: what counts is what is beyond. */
const PATH_CHANCE = 2.5
const TRACE_WEIGHT = 3

export const familyOf = ({ meaning, series, absent }: Deviation): Family =>
  absent ? 'absent' : meaning === 'latency' && isOfClient(series.indicator) ? 'waiting' : meaning

/** What each kind of metric reaches in some service while nothing is wrong: the median over the placebos. */
export function noiseOf(deviations: readonly Compared[], alerted: Meaning | null): ReadonlyMap<Family, number> {
  const most = new Map<Family, number[]>()
  for (const ones of Map.groupBy(deviations, ({ series }) => series.service).values())
    for (let index = 0; index < PLACEBOS; index++) {
      const placebos = ones.flatMap((one) => one.placebos[index] ?? []).filter(({ z }) => z > MOVED)
      for (const [family, score] of scores(placebos, alerted)) {
        const scored = most.get(family) ?? Array.from({ length: PLACEBOS }, () => 0)
        scored[index] = Math.max(scored[index]!, score)
        most.set(family, scored)
      }
    }
  return new Map([...most].map(([family, scored]) => [family, median(scored)]))
}

export interface Evidenced {
  deviations: readonly Deviation[]
  logs: readonly TemplateChange[]
  paths: readonly PathChange[]
  traces: readonly TraceFinding[]
}

/** Of metrics only what is beyond the noise of their kind. Path changes tell one thing in many pairs: the strongest is it. */
export function familiesOf(
  { deviations, logs, paths, traces }: Evidenced,
  noise: ReadonlyMap<Family, number>,
  alerted: Meaning | null,
): Families {
  const families: Families = new Map()
  for (const [family, score] of scores(deviations, alerted))
    families.set(family, Math.max(0, score - (noise.get(family) ?? 0)))
  families.set('logs', LOG_WEIGHT * diminishing(logs.map((one) => told(one.deviation))))
  families.set('paths', PATH_WEIGHT * Math.max(0, ...paths.map((one) => one.deviation - PATH_CHANCE)))
  families.set('traces', TRACE_WEIGHT * diminishing(traces.map((one) => told(one.deviation))))
  return families
}

/** The weights are those of counts against a known rate: against one counted as long, deviations are the root of two smaller. */
const told = (deviation: number): number => Math.log1p(Math.max(0, Math.SQRT2 * deviation))

const scores = (deviations: readonly Deviation[], alerted: Meaning | null): Families =>
  new Map(
    [...Map.groupBy(deviations, familyOf)].map(([family, ones]) => [
      family,
      diminishing(ones.map((one) => weightOf(one, alerted))),
    ]),
  )
