/**
 * Detects services that stopped reporting while others continued: a service that is down sends no samples, so there is no level to compare
 * (like staleness and `absent_over_time` in Prometheus; here from the samples alone).
 */
import type { Compared } from './deviation.ts'
import { meaningOf } from './meaning.ts'
import type { Series, TimeRange } from '../observations.ts'
import { median } from './robust.ts'
import { countWithin, lowerBound } from './samples.ts'

/** Minimum number of samples for a regular interval, and of missing samples for a silence. */
const FEWEST = 5
/** A gap longer than this many steps is an outage; a series with more than a few, or for too much of the time, is irregular. */
const GAP = 3
const OUTAGES = 3
const MINORITY = 0.4

export interface Silence {
  series: Series
  /** typical ms between samples */
  step: number
  /** `since`: last sample before the gap; `until`: first sample after it or, if none came, the last sample of any service */
  since: number
  until: number
  /** samples came again */
  isOver: boolean
}

/** Silences by service and indicator across all instances, so that a replaced pod is not a silence. */
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

/** The longest gap between samples or after the last one, counting only the part inside the window. */
function longestGap(times: Float64Array, end: number, window: TimeRange): [since: number, until: number] {
  let [since, until] = [times.at(-1)!, end]
  for (let index = times.length - 1; index > 0 && times[index]! > window.start; index--) {
    const [from, to] = [times[index - 1]!, times[index]!]
    if (to - Math.max(from, window.start) > until - Math.max(since, window.start)) [since, until] = [from, to]
  }
  return [since, until]
}

/** A cheap test: false if no step is long enough for a gap. */
function mayPause({ one: { times }, first, last, most }: ToldIn, window: TimeRange): boolean {
  const usual = (GAP * (last - first)) / Math.max(1, most - 1) / 2
  for (let index = lowerBound(times, window.start); index < times.length; index++)
    if (index > 0 && times[index]! - times[index - 1]! > usual) return true
  return false
}

/** Whether other services reported during the gap; if not, monitoring itself was down. */
const othersWent = (told: readonly ToldIn[], service: string, gap: TimeRange): boolean =>
  told.some(({ one }) => one.service !== service && countWithin(one.times, gap) >= FEWEST)

/** Services without any own samples during their silence; metrics that others report about them (replicas, probes) do not count. */
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
  /** upper bound of the samples in the range; times of the first and last finite one (±Infinity: none) */
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

/** A cheap test: false if fewer than `FEWEST` samples can be missing, as the typical step is at least the mean step divided by `GAP`. */
function mayMiss(ones: readonly ToldIn[], since: number, quiet: number): boolean {
  const first = ones.reduce((least, one) => Math.min(least, one.first), Infinity)
  const samples = ones.reduce((sum, { most }) => sum + most, 0)
  return samples >= FEWEST && (GAP * quiet * (samples - 1)) / (since - first) >= FEWEST
}

/** Compares the number of missing samples with zero, as counts (Anscombe, 1948). */
export function absenceOf({ series, step, since, until, isOver }: Silence, { start }: TimeRange): Compared {
  const expected = Math.floor((until - Math.max(since, start)) / step)
  const z = 2 * (Math.sqrt(expected + 0.375) - Math.sqrt(0.375))
  return { series, meaning: meaningOf(series), absent: true, since, ...(isOver ? { until } : {}), before: expected, during: 0, z, usual: 0, samples: Infinity, placebos: [] } // prettier-ignore
}

/** A series for the onset search: 1 up to the last sample, 0 during the gap. */
export function presenceOf({ series: { service, indicator }, step, since, until }: Silence, start: number): Series {
  const times = Float64Array.from({ length: Math.floor((until - start) / step) }, (_, index) => start + index * step)
  return { service, indicator, times, values: times.map((time) => (time <= since ? 1 : 0)) }
}

/** The typical interval between samples; null: it did not report regularly. */
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
