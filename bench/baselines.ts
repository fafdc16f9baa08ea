/**
 * What the engine is measured beside, each in its plainest form: services, best first. All are told the onset the question gives, or
 * the engine's where it gives none; none of them may see the truth.
 */
import type { Observations, Series, TimeRange } from '../analysis/observations.ts'
import { findOnset } from '../analysis/metrics/onset.ts'
import { median, quantileOfSorted, sortedOf, spreadAround } from '../analysis/metrics/robust.ts'
import { randomFrom } from './measures.ts'

export type Ranker = (observations: Observations, hints: { front: string; seed: number }) => string[]

/** Further than this from the median, in deviations, a service counts as disturbed (PetShop's own baseline). */
const DISTURBED = 5

export const baselines: Readonly<Record<string, Ranker>> = {
  'robust z-score': (observations) => byStrength(observations, medianShift),
  'BARO-style': (observations) => byStrength(observations, furthestSample),
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

/** In an order that says nothing. */
export const servicesOf = (observations: Observations): string[] =>
  [
    ...new Set([
      ...observations.series.map((series) => series.service),
      ...observations.logs.map((line) => line.service),
      ...observations.edges.flatMap(({ from, to }) => [from, to]),
    ]),
  ].sort()

interface Sides {
  before: Float64Array
  during: Float64Array
}

/** Median of the window against the median of before, in median absolute deviations. */
function medianShift({ before, during }: Sides): number {
  const center = median(before)
  return Math.abs(median(during) - center) / floored(spreadAround(center, before), center)
}

/** The sample furthest from the median of before, in its interquartile range (RobustScorer of BARO, Pham et al., FSE 2024). */
function furthestSample({ before, during }: Sides): number {
  const sorted = sortedOf(before)
  const center = quantileOfSorted(sorted, 0.5)
  const range = quantileOfSorted(sorted, 0.75) - quantileOfSorted(sorted, 0.25)
  return during.reduce((most, value) => Math.max(most, Math.abs(value - center)), 0) / floored(range, center)
}

const floored = (scale: number, level: number): number => (scale > 0 ? scale : Math.max(1e-9, Math.abs(level) * 0.01))

function byStrength(observations: Observations, strength: (sides: Sides) => number): string[] {
  const strongest = strengths(observations, strength)
  return servicesOf(observations).sort((a, b) => (strongest.get(b) ?? 0) - (strongest.get(a) ?? 0))
}

/** The strongest series of each service. */
function strengths(observations: Observations, strength: (sides: Sides) => number): Map<string, number> {
  const ranges = sidesOf(observations)
  const found = new Map<string, number>()
  for (const series of observations.series) {
    const [before, during] = ranges.map((range) => samples(series, range))
    if (before === undefined || during === undefined || before.length < 2 || during.length === 0) continue
    found.set(series.service, Math.max(found.get(series.service) ?? 0, strength({ before, during })))
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
  values.filter((value, index) => Number.isFinite(value) && (times[index] ?? 0) >= start && (times[index] ?? 0) < end)

/** Disturbed services none of whose callees is, strongest first; then the other disturbed ones (Chen et al., CauseInfer, 2014). */
function traverse(observations: Observations): string[] {
  const strongest = strengths(observations, medianShift)
  const isDisturbed = (service: string): boolean => (strongest.get(service) ?? 0) > DISTURBED
  const blamesCallee = new Set(
    observations.edges.filter(({ from, to }) => from !== to && isDisturbed(to)).map(({ from }) => from),
  )
  const tier = (service: string): number => (!isDisturbed(service) ? 2 : blamesCallee.has(service) ? 1 : 0)
  return servicesOf(observations).sort((a, b) => tier(a) - tier(b) || (strongest.get(b) ?? 0) - (strongest.get(a) ?? 0))
}

/** Who was changed last before it began; nobody, where nothing is known to have changed. */
function nearestChange(observations: Observations): string[] {
  const onset = observations.onset ?? findOnset(observations) ?? observations.window.start
  const before = observations.changes.filter((change) => change.service !== '' && change.timestamp <= onset)
  return [...new Set(before.sort((a, b) => b.timestamp - a.timestamp).map((change) => change.service))]
}
