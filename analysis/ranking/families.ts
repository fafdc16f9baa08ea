/**
 * Evidence about one service, by kind. Each kind is summed separately, because indicators of one kind show the same thing. Converting metrics,
 * logs and traces to one form before ranking follows Nezha (Yu et al., FSE 2023); the weights are our own.
 */
import { largest } from '../extremes.ts'
import { type Compared, type Deviation, MOVED } from '../metrics/deviation.ts'
import type { TemplateChange } from '../logs/changes.ts'
import { isOccupancy, isOfClient, type Meaning } from '../metrics/meaning.ts'
import { PLACEBOS } from '../metrics/placebo.ts'
import { median } from '../metrics/robust.ts'
import type { ToldEvidence } from './told.ts'
import { diminishing, weightOf } from '../metrics/weight.ts'

/**
 * `waiting`: time the service waits for its callees; `waited`: time its callers wait for it; `unanswered`: their calls that fail though it shows no errors;
 * `pointed_at`: the same of a single caller, which may as well be at fault itself. `occupied`: places taken by requests in progress.
 */
export type Family =
  Meaning | 'absent' | 'waiting' | 'waited' | 'unanswered' | 'pointed_at' | 'occupied' | 'logs' | 'paths' | 'traces'
export type Families = Map<Family, number>

const LOG_WEIGHT = 1.5
const PATH_WEIGHT = 3
/** Among thousands of pairs of events some differ this much by chance, even in a steady system: only the excess counts. */
const PATH_CHANCE = 2.5
const TRACE_WEIGHT = 3

export function familyOf({ meaning, series, absent }: Deviation): Family {
  if (absent) return 'absent'
  if (meaning === 'latency' && isOfClient(series.indicator)) return 'waiting'
  return meaning === 'saturation' && isOccupancy(series) ? 'occupied' : meaning
}

/** By kind and placebo: the highest score of any service while nothing is wrong. */
export type Chance = ReadonlyMap<Family, readonly number[]>

export function chanceOf(
  deviations: readonly Compared[],
  told: readonly ToldEvidence[],
  alerted: Meaning | null,
): Chance {
  const metrics = [...Map.groupBy(deviations, ({ series }) => series.service).values()].map((ones) =>
    Array.from({ length: PLACEBOS }, (_, index) =>
      scores(
        ones.flatMap((one) => one.placebos[index] ?? []).filter(({ z }) => z > MOVED),
        alerted,
      ),
    ),
  )
  return new Map([...loudest(metrics), ...loudest(toldScores(told))])
}

/** The score a kind of evidence reaches in some service by chance. */
export const noiseOf = (chance: Chance): ReadonlyMap<Family, number> =>
  new Map([...chance].map(([family, scored]) => [family, median(scored)]))

/** How far the highest placebo exceeds the typical one: a fault in the baseline affects only one or two placebos. */
export const unrestOf = (chance: Chance): number =>
  largest(
    [...chance.values()].map((scored) => largest(scored) - median(scored)),
    0,
  )

function loudest(services: readonly (readonly Families[])[]): Map<Family, number[]> {
  const most = new Map<Family, number[]>()
  for (const placebos of services)
    for (const [index, families] of placebos.entries())
      for (const [family, score] of families) {
        const scored = most.get(family) ?? placebos.map(() => 0)
        scored[index] = Math.max(scored[index]!, score)
        most.set(family, scored)
      }
  return most
}

/** For each service, its evidence per placebo. */
function toldScores(placebos: readonly ToldEvidence[]): Families[][] {
  const bySource = placebos.map(({ logs, paths, traces }) => ({
    logs: Map.groupBy(logs.filter(isTrouble), ({ service }) => service),
    paths: Map.groupBy(paths, ({ service }) => service),
    traces: Map.groupBy(traces, ({ service }) => service),
  }))
  const services = new Set(bySource.flatMap(({ logs, paths, traces }) => [...logs.keys(), ...paths.keys(), ...traces.keys()])) // prettier-ignore
  return [...services].map((service) =>
    bySource.map(
      ({ logs, paths, traces }) =>
      toldFamilies({ logs: logs.get(service) ?? [], paths: paths.get(service) ?? [], traces: traces.get(service) ?? [] }), // prettier-ignore
    ),
  )
}

/** A template that fell silent, or one above `info` that appeared or grew; one that is only logged less often is not trouble. */
export const isTrouble = ({ kind, severity }: TemplateChange): boolean =>
  kind === 'silent' || ((kind === 'appeared' || kind === 'grew') && severity !== 'info')

export interface Evidenced extends ToldEvidence {
  deviations: readonly Deviation[]
}

/** The score of each kind of evidence beyond its noise. */
export function familiesOf(
  { deviations, ...told }: Evidenced,
  noise: ReadonlyMap<Family, number>,
  alerted: Meaning | null,
): Families {
  const families: Families = new Map()
  for (const [family, score] of scores(deviations, alerted))
    families.set(family, Math.max(0, score - (noise.get(family) ?? 0)))
  for (const [family, score] of toldFamilies(told)) families.set(family, beyond(noise.get(family) ?? 0, score))
  return families
}

/**
 * Subtracts the noise from the score of logs or traces. Their baseline is often a few minutes, so the noise is a rough estimate: scores below
 * it become 0, scores far above it keep nearly all (the non-negative garrote: Breiman, "Better subset regression using the nonnegative
 * garrote", Technometrics 1995).
 */
const beyond = (noise: number, score: number): number => (score > noise ? score - noise ** 2 / score : 0)

/** One changed path shows up as many pairs of events, so only the strongest counts. */
const toldFamilies = ({ logs, paths, traces }: ToldEvidence): Families =>
  new Map<Family, number>([
    ['logs', LOG_WEIGHT * diminishing(logs.map((one) => told(one.deviation)))],
    [
      'paths',
      PATH_WEIGHT *
        largest(
          paths.map((one) => one.deviation - PATH_CHANCE),
          0,
        ),
    ],
    ['traces', TRACE_WEIGHT * diminishing(traces.map((one) => told(one.deviation)))],
  ])

/** The weights were set for comparisons with a known rate; an estimated rate makes deviations smaller by a factor of √2. */
const told = (deviation: number): number => Math.log1p(Math.max(0, Math.SQRT2 * deviation))

const scores = (deviations: readonly Deviation[], alerted: Meaning | null): Families =>
  new Map(
    [...Map.groupBy(deviations, familyOf)].map(([family, ones]) => [
      family,
      diminishing(ones.map((one) => weightOf(one, alerted))),
    ]),
  )
