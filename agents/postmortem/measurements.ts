/** The signals of whole services, from measurements of them or of their instances. */
import { largest } from '../../analysis/extremes.ts'
import { median } from '../../analysis/metrics/robust.ts'
import type { Source } from '../../postmortem/report.ts'
import { isOfClient, meaningOf } from '../../analysis/metrics/meaning.ts'
import { wordsOf } from '../../analysis/metrics/words.ts'
import type { Measured } from './samples.ts'
import { stepOf } from './spans.ts'

export type Point = readonly [at: number, value: number, span: number]

export interface Signal {
  indicator: string
  unit: string | null
  /** ascending; the value stands for the `span` ms before `at` */
  points: readonly Point[]
  /** ms before a sample that it was computed from */
  windowMs: number
  sources: readonly Source[]
}

/** Indicators of one service, by name. */
export type Signals = ReadonlyMap<string, Signal>

/** Best first. */
const QUANTILES = ['p95', 'p99', 'p90', 'p50']

/** Our own name for it, else any latency that the service itself measured, whatever its name: `PodServerLatencyP95`. */
export function latencyOf(signals: Signals): Signal | null {
  const measured = [...signals.values()].filter(isLatency)
  const named = measured.toSorted((one, other) => (one.indicator < other.indicator ? -1 : 1))
  const found = QUANTILES.map((quantile) => signals.get(`latency_${quantile}`) ?? named.find(({ indicator }) => wordsOf(indicator).has(quantile))) // prettier-ignore
  return found.find((one) => one !== undefined) ?? null
}

const isLatency = ({ indicator, unit }: { indicator: string; unit?: string | null | undefined }): boolean =>
  !isOfClient(indicator) && meaningOf({ indicator, ...(unit == null ? {} : { unit }) }) === 'latency'

/** Whether a report says anything of this indicator. */
export const isUsed = (one: { indicator: string; unit?: string | undefined }): boolean =>
  ['request_rate', 'error_rate', 'error_ratio'].includes(one.indicator) || isLatency(one)

export function signalsByService(measured: readonly Measured[]): Map<string, Signals> {
  const services = Map.groupBy(measured, ({ service }) => service)
  return new Map([...services].map(([service, ofService]) => [service, signalsOf(ofService)]))
}

function signalsOf(ofService: readonly Measured[]): Signals {
  const byIndicator = Map.groupBy(ofService, ({ indicator }) => indicator)
  const rates = byIndicator.get('request_rate') ?? []
  return new Map(
    [...byIndicator].map(([indicator, found]) => {
      const whole = found.filter(({ instance }) => instance === null)
      return [indicator, signalOf(whole.length > 0 ? whole : found, rates)]
    }),
  )
}

function signalOf(parts: readonly Measured[], rates: readonly Measured[]): Signal {
  const [first] = parts
  const { indicator = '', unit = null } = first ?? {}
  const sources = uniqueSources(parts.flatMap((one) => one.sources))
  const windowMs = largest(parts.map(windowOf), 0)
  if (parts.length === 1 && first !== undefined)
    return { indicator, unit, sources, windowMs, points: first.times.map((time, place) => [time, first.values[place]!, first.spans[place]!]) } // prettier-ignore
  return { indicator, unit, sources, windowMs, points: combined(parts, joinOf(indicator), rates) }
}

/** Steps of a rate window whose length is not told: four samples are the usual advice. */
const STEPS_PER_WINDOW = 4

const windowOf = ({ windowMs, times }: Measured): number => windowMs ?? STEPS_PER_WINDOW * stepOf(times)

type Join = 'sum' | 'weighted' | 'worst'
const joinOf = (indicator: string): Join =>
  indicator === 'request_rate' || indicator === 'error_rate' ? 'sum' : indicator === 'error_ratio' ? 'weighted' : 'worst' // prettier-ignore

/** Instances are not sampled at the same moments: their samples are joined per step. */
function combined(parts: readonly Measured[], join: Join, rates: readonly Measured[]): Point[] {
  const step = Math.max(1, median(parts.map((one) => stepOf(one.times))))
  const rateOf = new Map(rates.map((one) => [one.instance, inSteps(one, step)]))
  const steps = new Map<number, { value: number; span: number; weight: number }[]>()
  for (const one of parts)
    for (const [place, { value, span }] of inSteps(one, step)) {
      const weight = join === 'weighted' ? (rateOf.get(one.instance)?.get(place)?.value ?? 0) : 1
      steps.set(place, [...(steps.get(place) ?? []), { value, span, weight }])
    }
  return [...steps]
    .sort(([one], [other]) => one - other)
    .flatMap(([place, samples]): Point[] => {
      const value = joined(samples, join)
      const span = samples.reduce((most, one) => Math.max(most, one.span), 0)
      return value === null ? [] : [[place * step, value, span]]
    })
}

function joined(samples: readonly { value: number; weight: number }[], join: Join): number | null {
  if (join === 'worst') return samples.reduce((most, { value }) => Math.max(most, value), Number.NEGATIVE_INFINITY)
  const total = samples.reduce((sum, { value, weight }) => sum + value * weight, 0)
  if (join === 'sum') return total
  const weights = samples.reduce((sum, { weight }) => sum + weight, 0)
  return weights === 0 ? null : total / weights
}

/** The mean of each step, and the time that its samples stand for together. */
function inSteps({ times, values, spans }: Measured, step: number): Map<number, { value: number; span: number }> {
  const sums = new Map<number, { sum: number; count: number; from: number; to: number }>()
  times.forEach((time, index) => {
    const place = Math.round(time / step)
    const { sum, count, from, to } = sums.get(place) ?? { sum: 0, count: 0, from: time, to: time }
    sums.set(place, {
      sum: sum + values[index]!,
      count: count + 1,
      from: Math.min(from, time - spans[index]!),
      to: Math.max(to, time),
    })
  })
  return new Map([...sums].map(([place, { sum, count, from, to }]) => [place, { value: sum / count, span: to - from }]))
}

export const uniqueSources = (sources: readonly Source[]): Source[] => [
  ...new Map(sources.map((one) => [`${one.kind} ${one.id}`, one])).values(),
]
