/**
 * Finds the onset: the time that best splits all series into before and after. Each series votes with the squared log-likelihood per
 * sample of a shift of its mean (Chen and Gupta, "Parametric Statistical Change Point Analysis", 2012), with extremes clipped and the part
 * expected by chance removed, so that long series do not outvote short ones and short noisy series do not vote.
 */
import type { Observations, Series, TimeRange } from '../observations.ts'
import { median, quantileInPlace } from './robust.ts'
import { countWithin, lowerBound } from './samples.ts'

const CANDIDATES = 240
/** A claimed onset may be this far off. */
const TOLERANCE_MS = 5 * 60_000
/** Minimum time before and after an onset, as share of the window. */
const MARGIN = 0.05
const EXTREMES = 0.02
const FEWEST = 6
const CLEARLY = 1.5
/** What the best split of pure noise explains, times the number of samples: the maximum of a few dozen squared normal values. */
const CHANCE = 6

/** The window and its baseline. */
export type Known = Pick<Observations, 'window' | 'baseline'>

/** Whether a claimed onset lies outside the window. */
export const isOutside = (claimed: number, { start, end }: TimeRange): boolean =>
  claimed < start - TOLERANCE_MS || claimed > end

/** The onset in ms since the epoch; if nothing moved, the middle of the window; null: the window is empty. */
export function findOnset({ window: asked, baseline, onset, alert, series }: Observations): number | null {
  if (!(asked.end > asked.start)) return null
  const claimed = onset === undefined || isOutside(onset, asked) ? undefined : onset
  const window = baseline === undefined ? measuredOf(asked, series) : asked
  const length = window.end - window.start
  const early = baseline === undefined ? window.start + MARGIN * length : window.start
  const start = claimed === undefined ? early : Math.max(early, claimed - TOLERANCE_MS)
  const late = baseline === undefined ? window.end - MARGIN * length : latestOf(window, series)
  const last = claimed === undefined ? late : Math.min(window.end, claimed + TOLERANCE_MS)
  // the onset is not after the alert, however large later changes are
  const seen = alert?.since ?? Infinity
  const end = seen > start ? Math.min(last, seen) : last
  const unmoved = claimed ?? (baseline === undefined ? window.start + length / 2 : start)
  if (!(end > start)) return unmoved
  const votes = new Float64Array(CANDIDATES + 1)
  for (const one of series) vote(votes, one, baseline, window, { start, end })
  let best = 0
  for (let index = 1; index <= CANDIDATES; index++) if (votes[index]! > votes[best]! * (1 + 1e-9)) best = index
  // with a separate baseline the onset is the start of the window, unless a later one explains clearly more
  const meant = baseline !== undefined && claimed === undefined && votes[0]! * CLEARLY > votes[best]!
  if (!(votes[best]! > 0)) return unmoved
  if (meant) return start
  return start + ((end - start) * best) / CANDIDATES
}

/**
 * The range of possible onsets of these series: all times that explain them nearly as well as the best one (a likelihood interval: Hinkley,
 * "Inference about the change-point in a sequence of random variables", Biometrika 1970); null: they did not move in `among`.
 */
export function onsetRange(series: readonly Series[], { window, baseline }: Known, among: TimeRange): TimeRange | null {
  const votes = new Float64Array(CANDIDATES + 1)
  for (const one of series) vote(votes, one, baseline, window, among)
  const enough = votes.reduce((most, one) => Math.max(most, one), 0) / CLEARLY
  if (!(enough > 0)) return null
  const instantOf = (index: number): number => among.start + ((among.end - among.start) * index) / CANDIDATES
  const isEnough = (one: number): boolean => one >= enough
  return { start: instantOf(votes.findIndex(isEnough)), end: instantOf(votes.findLastIndex(isEnough)) }
}

/** The share explained by the best split, beyond what it would explain of noise: all of it for six samples, a hundredth for six hundred. */
function beyondChance(explained: number, samples: number): number {
  const chance = Math.min(1, CHANCE / samples)
  return chance === 1 ? 0 : Math.max(0, (explained - chance) / (1 - chance))
}

/** The part of the window with samples. */
function measuredOf(window: TimeRange, series: readonly Series[]): TimeRange {
  let [start, end] = [window.end, window.start]
  for (const { times } of series) {
    const [first, next] = [lowerBound(times, window.start), lowerBound(times, window.end)]
    if (next === first) continue
    start = Math.min(start, times[first]!)
    end = Math.max(end, times[next - 1]!)
  }
  return end > start ? { start, end } : window
}

/** The latest possible onset: some samples must follow it, or the split would pick the most extreme sample. */
function latestOf(window: TimeRange, series: readonly Series[]): number {
  const counts = series.map(({ times }) => countWithin(times, window)).filter((count) => count > 0)
  const usual = median(counts)
  const length = window.end - window.start
  return Math.min(window.end - MARGIN * length, window.end - (FEWEST / Math.max(FEWEST, usual)) * length)
}

/** The finite samples, first those of the baseline outside the window (`apart`: their number), then those of the window. */
function samplesOf(
  { times, values }: Series,
  baseline: TimeRange | undefined,
  window: TimeRange,
): { times: Float64Array; values: Float64Array; apart: number } {
  const kept = { times: new Float64Array(times.length), values: new Float64Array(times.length) }
  let count = 0
  const keep = (from: number, until: number): void => {
    for (let index = lowerBound(times, from); index < times.length && times[index]! < until; index++) {
      if (!Number.isFinite(values[index])) continue
      kept.times[count] = times[index]!
      kept.values[count++] = values[index]!
    }
  }
  if (baseline !== undefined) {
    keep(baseline.start, Math.min(baseline.end, window.start))
    keep(Math.max(baseline.start, window.end), baseline.end)
  }
  const apart = count
  keep(window.start, window.end)
  return { times: kept.times.subarray(0, count), values: kept.values.subarray(0, count), apart }
}

/** The range without extremes, which a few outliers cannot stretch. */
function innerRange(values: Float64Array): [low: number, high: number] {
  const copy = values.slice()
  return [quantileInPlace(copy, EXTREMES), quantileInPlace(copy, 1 - EXTREMES)]
}

/** Adds the votes of this series for each candidate. */
function vote(
  votes: Float64Array,
  series: Series,
  baseline: TimeRange | undefined,
  window: TimeRange,
  among: TimeRange,
): void {
  const { times, values, apart } = samplesOf(series, baseline, window)
  const count = values.length
  if (count < FEWEST) return
  const [low, high] = innerRange(values)
  if (!(high > low)) return
  const middle = (low + high) / 2
  const width = high - low
  const prefix = new Float64Array(count + 1)
  let squares = 0
  for (let index = 0; index < count; index++) {
    const value = (Math.min(high, Math.max(low, values[index]!)) - middle) / width
    prefix[index + 1] = prefix[index]! + value
    squares += value * value
  }
  const total = prefix[count]!
  const spread = squares - (total * total) / count
  if (!(spread > 0)) return
  let split = Math.min(apart, count)
  for (let candidate = 0; candidate <= CANDIDATES; candidate++) {
    const instant = among.start + ((among.end - among.start) * candidate) / CANDIDATES
    while (split < count && (split < apart || times[split]! < instant)) split++
    if (split === 0 || split === count) continue
    const left = prefix[split]!
    const between = (left * left) / split + (total - left) ** 2 / (count - split) - (total * total) / count
    const explained = beyondChance(Math.min(0.999, between / spread), count)
    if (explained > 0) votes[candidate] = votes[candidate]! + Math.log(1 - explained) ** 2
  }
}
