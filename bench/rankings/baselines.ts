/** The baselines, each in its simplest form: services, best first. All get the question's onset or, without one, the engine's; none sees the truth. */
import type { Observations, Series, TimeRange } from '../../analysis/observations.ts'
import { findOnset } from '../../analysis/metrics/onset.ts'
import { median, quantileOfSorted, sortedOf, spreadAround } from '../../analysis/metrics/robust.ts'
import { randomFrom } from './measures.ts'
import { DISTURBED, fromTheAlert } from './traversal.ts'

export type Ranker = (observations: Observations, hints: { front: string; seed: number }) => string[]

export const baselines: Readonly<Record<string, Ranker>> = {
  'robust z-score': (observations) => byStrength(observations, medianShift),
  'BARO-style': (observations) => byStrength(observations, highestSample),
  'graph traversal': traverse,
  'nearest change': nearestChange,
  'always the front': (observations, { front }) => {
    const services = servicesOf(observations)
    return [...services.filter((service) => service === front), ...services.filter((service) => service !== front)]
  },
  random: (observations, { seed }) => {
    const random = randomFrom(seed)
    return servicesOf(observations)
      .map((service) => ({ service, at: random() }))
      .sort((a, b) => a.at - b.at)
      .map(({ service }) => service)
  },
}

/** In no particular order. */
export const servicesOf = (observations: Observations): string[] =>
  [
    ...new Set([
      ...observations.series.map((series) => series.service),
      ...observations.logs.map((line) => line.service),
      ...observations.edges.flatMap(({ from, to }) => [from, to]),
    ]),
  ].sort()

interface Sides {
  unit?: string | undefined
  before: Float64Array
  during: Float64Array
}

/** Median of the window against the median before, in median absolute deviations. */
function medianShift({ before, during }: Sides): number {
  const center = median(before)
  return Math.abs(median(during) - center) / floored(spreadAround(center, before), center)
}

/**
 * RobustScorer of BARO (Pham et al., FSE 2024), as in its code: the highest sample, in interquartile ranges of the time before, or unscaled if that
 * range is zero; memory in megabytes.
 */
function highestSample({ before, during, unit }: Sides): number {
  const sorted = sortedOf(before)
  const scale = unit === 'bytes' ? 1e-6 : 1
  const range = (quantileOfSorted(sorted, 0.75) - quantileOfSorted(sorted, 0.25)) * scale
  const highest = during.reduce((most, value) => Math.max(most, value), -Infinity)
  return ((highest - quantileOfSorted(sorted, 0.5)) * scale) / (range > 0 ? range : 1)
}

const floored = (scale: number, level: number): number => (scale > 0 ? scale : Math.max(1e-9, Math.abs(level) * 0.01))

function byStrength(observations: Observations, strength: (sides: Sides) => number): string[] {
  const strongest = strengths(observations, strength)
  // services without a score come last
  const score = (service: string): number => strongest.get(service) ?? -Number.MAX_VALUE
  return servicesOf(observations).sort((a, b) => score(b) - score(a))
}

/** The strongest series of each service. */
function strengths(observations: Observations, strength: (sides: Sides) => number): Map<string, number> {
  const ranges = sidesOf(observations)
  const found = new Map<string, number>()
  for (const series of observations.series) {
    const [before, during] = ranges.map((range) => samples(series, range))
    if (before === undefined || during === undefined || before.length < 2 || during.length === 0) continue
    found.set(
      series.service,
      Math.max(found.get(series.service) ?? -Infinity, strength({ before, during, unit: series.unit })),
    )
  }
  return found
}

function sidesOf(observations: Observations): TimeRange[] {
  const { window, baseline, onset } = observations
  if (baseline !== undefined) return [baseline, { start: onset ?? window.start, end: window.end }]
  const split = onset ?? findOnset(observations) ?? (window.start + window.end) / 2
  return [
    { start: window.start, end: split },
    { start: split, end: window.end },
  ]
}

const samples = ({ times, values }: Series, { start, end }: TimeRange): Float64Array =>
  values.filter((value, index) => Number.isFinite(value) && times[index]! >= start && times[index]! < end)

/** PetShop's traversal if an alert names service and metric; else disturbed services without a disturbed callee, strongest first, then the rest. */
function traverse(observations: Observations): string[] {
  const told = fromTheAlert(observations, sidesOf(observations))
  const strongest = strengths(observations, medianShift)
  const score = (service: string): number => strongest.get(service) ?? 0
  const isDisturbed = (service: string): boolean => score(service) > DISTURBED
  const blamesCallee = new Set(
    observations.edges.filter(({ from, to }) => from !== to && isDisturbed(to)).map(({ from }) => from),
  )
  const tier = (service: string): number => (!isDisturbed(service) ? 2 : blamesCallee.has(service) ? 1 : 0)
  const others = servicesOf(observations).sort((a, b) => tier(a) - tier(b) || score(b) - score(a))
  return [...new Set([...told, ...others])]
}

/** The service changed last before the onset; empty if no change is known. */
function nearestChange(observations: Observations): string[] {
  const onset = observations.onset ?? findOnset(observations) ?? observations.window.start
  const before = observations.changes.filter((change) => change.service !== '' && change.timestamp <= onset)
  return [...new Set(before.sort((a, b) => b.timestamp - a.timestamp).map((change) => change.service))]
}
