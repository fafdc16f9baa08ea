/** Start, end and phase of a service's symptoms: a fault that ended earlier than the symptoms does not explain them. */
import { smallest } from '../extremes.ts'
import type { Deviation } from '../metrics/deviation.ts'
import { hurtFrom } from '../metrics/hurt.ts'
import { type Known, onsetRange } from '../metrics/onset.ts'
import { countWithin, lowerBound, numbersOf } from '../metrics/samples.ts'
import { median } from '../metrics/robust.ts'
import type { Series, TimeRange } from '../observations.ts'
import type { Phase } from '../verdict.ts'

/** Remaining share of the deviation at the end of the window below which it is over, unless users still notice it. */
const OVER = 0.25
/** Recovering: the remaining share is below the first value, and has fallen to this fraction of the share shortly before. */
const [RECOVERING, FALLING] = [0.6, 0.8]
/** The end of the window is its last tenth, but at least this many samples and this long. */
const END = 0.1
const FEWEST = 3
/** With fewer samples in the window, the phase cannot be judged. */
const FEWEST_TELL = 8
const SHORTEST_MS = 60_000
/** A series may have started to move this long before the common onset. */
const BEFORE_MS = 15 * 60_000
/** Number of deviations considered; weaker ones are mostly consequences. */
const COUNTED = 3

/** Latency, errors, and missing samples: signals that users notice. */
export const isFeltBy = ({ meaning, absent }: Deviation): boolean =>
  absent === true || meaning === 'latency' || meaning === 'errors'

/** The phase of a service; null: nothing moved. `deviations`: strongest first. */
export function phaseOf(deviations: readonly Deviation[], during: TimeRange): Phase | null {
  const felt = deviations.filter(isFeltBy)
  const told = (felt.length > 0 ? felt : deviations).slice(0, COUNTED)
  if (told.length === 0) return null
  const phases = told.map((one) => phaseOfOne(one, during))
  return ORDER.find((phase) => phases.includes(phase)) ?? null
}

const ORDER: readonly Phase[] = ['going_on', 'recovering', 'over']

/** Without a sample at the end, the series has not recovered. */
function phaseOfOne({ series, meaning, absent, until, before, during: worst }: Deviation, during: TimeRange): Phase {
  if (absent) return until === undefined ? 'going_on' : 'over'
  const [earlier, last] = endsOf(series, during)
  if (last === null || countWithin(series.times, during) < FEWEST_TELL) return 'going_on'
  const left = shareOf(last, before, worst)
  const hurts = Math.abs(last - before) > (hurtFrom(series, meaning, before) ?? Infinity)
  if (left < OVER && !hurts) return 'over'
  return left < RECOVERING && earlier !== null && left < FALLING * shareOf(earlier, before, worst) ? 'recovering' : 'going_on' // prettier-ignore
}

/** When these signals began to move, ms since the epoch; null: unknown. */
export function beganOf(deviations: readonly Deviation[], known: Known, during: TimeRange): number | null {
  const told = deviations.slice(0, COUNTED)
  const gone = told.flatMap(({ since }) => since ?? [])
  if (gone.length > 0) return Math.max(during.start, smallest(gone))
  const range = onsetRange(told.map(({ series }) => series), known, { start: Math.max(known.window.start, during.start - BEFORE_MS), end: during.end }) // prettier-ignore
  return range === null ? null : (range.start + range.end) / 2
}

/** Time of the last sample closer to the disturbance than to the normal level, ms since the epoch; null: none. */
export function endOf(deviations: readonly Deviation[], during: TimeRange): number | null {
  const [strongest] = [...deviations.filter(isFeltBy), ...deviations]
  if (strongest === undefined) return null
  if (strongest.absent) return strongest.until ?? null
  const { series, before, during: worst } = strongest
  for (let index = lowerBound(series.times, during.end) - 1; series.times[index]! >= during.start; index--)
    if (shareOf(series.values[index]!, before, worst) > 0.5) return series.times[index]!
  return null
}

/** Remaining share of the deviation: 1 at its worst, 0 when recovered. */
const shareOf = (level: number, before: number, worst: number): number =>
  worst === before ? 0 : Math.max(0, (level - before) / (worst - before))

/** Medians at the end of the window, and of as many samples before; null without samples. */
function endsOf(series: Series, { start, end }: TimeRange): [earlier: number | null, last: number | null] {
  const begin = lowerBound(series.times, start)
  const next = lowerBound(series.times, end)
  const samples = Math.max(FEWEST, Math.ceil(END * (next - begin)))
  const first = Math.max(begin, Math.min(next - samples, lowerBound(series.times, end - SHORTEST_MS)))
  const levelOf = (from: number, upTo: number): number | null => {
    const values = numbersOf(series.values.subarray(Math.max(begin, from), upTo))
    return values.length === 0 ? null : median(values)
  }
  return [levelOf(first - (next - first), first), levelOf(first, next)]
}
