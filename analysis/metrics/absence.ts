/**
 * Who stopped reporting while others went on: a service that is down sends nothing, and nothing has no level to compare (staleness, as
 * Prometheus marks it and `absent_over_time` asks for it; here from the samples alone).
 */
import type { Compared } from './deviation.ts'
import { meaningOf } from './meaning.ts'
import type { Series, TimeRange } from '../observations.ts'
import { median } from './robust.ts'
import { countWithin, lowerBound } from './samples.ts'

/** Fewer samples tell no habit, and fewer that should have come no silence. */
const FEWEST = 5
/** A gap of so many steps is no regular reporting, but for outages before: few of them, and a minority of the time. */
const GAP = 3
const OUTAGES = 3
const MINORITY = 0.4

export interface Silence {
  series: Series
  /** ms from one sample to the next, while there were some */
  step: number
  /** the last sample before; the first behind it or, where none came, the last of anybody */
  since: number
  until: number
  /** it came again */
  isOver: boolean
}

/** By service and indicator, whatever the instance: a pod that was replaced is not silent. */
export function silencesOf(series: readonly Series[], known: TimeRange, window: TimeRange): Silence[] {
  const told = series.map((one) => toldIn(one, known))
  const end = told.reduce((most, { last }) => Math.max(most, last), -Infinity)
  if (end <= window.start) return []
  const groups = Map.groupBy(told, ({ one }) => `${one.service}\0${one.indicator}`)
  return [...groups.values()].flatMap((ones) => {
    const last = ones.reduce((most, one) => Math.max(most, one.last), -Infinity)
    if (!mayMiss(ones, last, end - Math.max(last, window.start)) && !ones.every((one) => mayPause(one, window)))
      return []
    const times = Float64Array.from(ones.flatMap(({ one }) => [...numbersWithin(one, known)])).sort()
    const step = stepOf(times)
    if (step === null) return []
    const [since, until] = longestGap(times, end, window)
    const isOver = until <= last
    if ((until - Math.max(since, window.start)) / step < FEWEST) return []
    if (isOver && !othersWent(told, ones[0]!.one.service, { start: since, end: until })) return []
    return [{ series: ones[0]!.one, step, since, until, isOver }]
  })
}

/** Between samples, or from the last of them to the end, as far as it lies in the window. */
function longestGap(times: Float64Array, end: number, window: TimeRange): [since: number, until: number] {
  let [since, until] = [times.at(-1)!, end]
  for (let index = times.length - 1; index > 0 && times[index]! > window.start; index--) {
    const [from, to] = [times[index - 1]!, times[index]!]
    if (to - Math.max(from, window.start) > until - Math.max(since, window.start)) [since, until] = [from, to]
  }
  return [since, until]
}

/** False where it is certain that it never paused: no step is longer than the gaps of regular reporting. */
function mayPause({ one: { times }, first, last, most }: ToldIn, window: TimeRange): boolean {
  const usual = (GAP * (last - first)) / Math.max(1, most - 1) / 2
  for (let index = lowerBound(times, window.start); index < times.length; index++)
    if (index > 0 && times[index]! - times[index - 1]! > usual) return true
  return false
}

/** What nobody reported meanwhile is a gap of the measuring. */
const othersWent = (told: readonly ToldIn[], service: string, gap: TimeRange): boolean =>
  told.some(({ one }) => one.service !== service && countWithin(one.times, gap) >= FEWEST)

/** Services of which nothing reported meanwhile: what others count of them (replicas, probes) may go on. */
export function goneAmong(silences: readonly Silence[], series: readonly Series[]): Set<string> {
  const own = Map.groupBy(
    series.filter((one) => meaningOf(one) !== 'other'),
    ({ service }) => service,
  )
  const isGone = ({ series: { service }, step, since, until }: Silence): boolean => {
    const quiet = { start: since + GAP * step, end: until }
    return quiet.end > quiet.start && (own.get(service) ?? []).every(({ times }) => countWithin(times, quiet) === 0)
  }
  return new Set(silences.filter(isGone).map((one) => one.series.service))
}

interface ToldIn {
  one: Series
  /** samples of the range at most, and the first and the last of them that is a number; infinite where there is none */
  most: number
  first: number
  last: number
}

function toldIn(one: Series, { start, end }: TimeRange): ToldIn {
  const { times, values } = one
  let [from, upTo] = [lowerBound(times, start), lowerBound(times, end)]
  while (from < upTo && !Number.isFinite(values[from])) from++
  while (from < upTo && !Number.isFinite(values[upTo - 1])) upTo--
  const [first, last] = from < upTo ? [times[from]!, times[upTo - 1]!] : [Infinity, -Infinity]
  return { one, most: upTo - from, first, last }
}

/** False where it is certain that too few are missing: of regular steps the usual one is not shorter than the mean by more than a gap. */
function mayMiss(ones: readonly ToldIn[], since: number, quiet: number): boolean {
  const first = ones.reduce((least, one) => Math.min(least, one.first), Infinity)
  const samples = ones.reduce((sum, { most }) => sum + most, 0)
  return samples >= FEWEST && (GAP * quiet * (samples - 1)) / (since - first) >= FEWEST
}

/** What should have come since, against nothing, as counts are compared (Anscombe, 1948). */
export function absenceOf({ series, step, since, until, isOver }: Silence, { start }: TimeRange): Compared {
  const expected = Math.floor((until - Math.max(since, start)) / step)
  const z = 2 * (Math.sqrt(expected + 0.375) - Math.sqrt(0.375))
  return { series, meaning: meaningOf(series), absent: true, since, ...(isOver ? { until } : {}), before: expected, during: 0, z, usual: 0, samples: Infinity, placebos: [] } // prettier-ignore
}

/** For the search of the onset: there until the last sample, gone from then on, or until it came again. */
export function presenceOf({ series: { service, indicator }, step, since, until }: Silence, start: number): Series {
  const times = Float64Array.from({ length: Math.floor((until - start) / step) }, (_, index) => start + index * step)
  return { service, indicator, times, values: times.map((time) => (time <= since ? 1 : 0)) }
}

/** null: it did not report regularly. */
function stepOf(times: Float64Array): number | null {
  if (times.length < FEWEST) return null
  const gaps = Float64Array.from({ length: times.length - 1 }, (_, index) => times[index + 1]! - times[index]!)
  const step = median(gaps)
  const outages = gaps.filter((gap) => gap > GAP * step)
  const away = outages.reduce((sum, gap) => sum + gap, 0)
  return step > 0 && outages.length <= OUTAGES && away <= MINORITY * (times.at(-1)! - times[0]!) ? step : null
}

function numbersWithin({ times, values }: Series, { start, end }: TimeRange): Float64Array {
  const [first, next] = [lowerBound(times, start), lowerBound(times, end)]
  return times.subarray(first, next).filter((_, index) => Number.isFinite(values[first + index]))
}
