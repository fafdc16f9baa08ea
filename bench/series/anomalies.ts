/** The detector of `sre analyze anomalies` on the Numenta benchmark, with baselines. One configuration. */
import { StreamDetector } from '../../analysis/anomalies/stream-detector.ts'
import { anomalyBaselines } from './anomaly-baselines.ts'
import { bootstrapInterval } from '../rankings/measures.ts'
import { best, gainAt, probationOf, type Scored, scoreOf, sweep, type Weights, type Window } from './nab-score.ts'
import { type LabelledSeries, nab, standardWeights } from '../sets/nab.ts'

/** The detector's own threshold. */
export const OWN_THRESHOLD = 0.5

export interface AnomalyFigures {
  series: number
  points: number
  windows: number
  /** at its own threshold */
  own: { score: number; interval: [number, number] }
  /** with the threshold that is best for this corpus */
  best: { score: number; threshold: number }
  baselines: { name: string; score: number }[]
  /** by kind of series, at its own threshold: windows found and false alarms */
  kinds: { name: string; windows: number; found: number; scoredPoints: number; falseAlarms: number }[]
  misses: { name: string; windows: number; found: number }[]
  pointsPerSecond: number
}

interface Judged extends Scored, LabelledSeries {
  windows: Window[]
}

export function measureAnomalies(root: string): AnomalyFigures {
  const [corpus, weights] = [nab(root), standardWeights(root)]
  const windows = corpus.flatMap((one) => one.windows).length
  const bestOf = (scored: readonly Scored[]): { score: number; threshold: number } => {
    const { gain, threshold } = best(sweep(scored, weights))
    return { score: scoreOf(gain, windows, weights), threshold }
  }
  const began = process.threadCpuUsage()
  const judged = corpus.map((one): Judged => ({ ...one, scores: judge(one) }))
  const { user } = process.threadCpuUsage(began)
  const points = corpus.reduce((sum, { values }) => sum + values.length, 0)
  return {
    series: corpus.length,
    points,
    windows,
    own: atOwnThreshold(judged, weights),
    best: bestOf(judged),
    baselines: Object.entries(anomalyBaselines).map(([name, detect]) => ({ name, score: bestOf(corpus.map((one, seed) => ({ ...one, scores: detect(one.values, seed) }))).score })), // prettier-ignore
    kinds: [...Map.groupBy(judged, ({ id }) => id.split('/')[0]!)].map(([name, members]) => ({ name, ...alarmsIn(members) })), // prettier-ignore
    misses: missesOf(judged),
    pointsPerSecond: (points * 1e6) / user,
  }
}

function judge({ times, values }: LabelledSeries): number[] {
  const detector = new StreamDetector()
  return values.map((value, at) => detector.judge(times[at]!, value).score)
}

function atOwnThreshold(judged: readonly Judged[], weights: Weights): AnomalyFigures['own'] {
  const each = judged.map((one) => ({ gain: gainAt(OWN_THRESHOLD, sweep([one], weights)), windows: one.windows.length })) // prettier-ignore
  const total = (drawn: typeof each): number =>
    scoreOf(drawn.reduce((sum, { gain }) => sum + gain, 0), drawn.reduce((sum, one) => sum + one.windows, 0), weights) // prettier-ignore
  return { score: total(each), interval: bootstrapInterval(each, (drawn) => total([...drawn])) }
}

const isIn = (index: number, [first, last]: Window): boolean => index >= first && index <= last

/** Scored points that count as anomalies. */
const alarmsOf = ({ scores }: Judged): number[] =>
  Array.from({ length: scores.length }, (_, index) => index).filter(
    (index) => index >= probationOf(scores.length) && scores[index]! >= OWN_THRESHOLD,
  )

function alarmsIn(members: readonly Judged[]): Omit<AnomalyFigures['kinds'][number], 'name'> {
  const each = members.map((one) => {
    const alarms = alarmsOf(one)
    return {
      windows: one.windows.length,
      found: one.windows.filter((window) => alarms.some((index) => isIn(index, window))).length,
      scoredPoints: one.scores.length - probationOf(one.scores.length),
      falseAlarms: alarms.filter((index) => !one.windows.some((window) => isIn(index, window))).length,
    }
  })
  const sum = (of: (one: (typeof each)[number]) => number): number => each.reduce((total, one) => total + of(one), 0)
  return {
    windows: sum((one) => one.windows),
    found: sum((one) => one.found),
    scoredPoints: sum((one) => one.scoredPoints),
    falseAlarms: sum((one) => one.falseAlarms),
  }
}

const SHORT = 3_000

/** Windows grouped by what may explain a miss. */
function missesOf(judged: readonly Judged[]): AnomalyFigures['misses'] {
  const all = judged.flatMap((one) => {
    const alarms = alarmsOf(one)
    return one.windows.map((window) => ({
      found: alarms.some((index) => isIn(index, window)),
      beyond: goesBeyond(one.values, window),
      short: one.values.length < SHORT,
    }))
  })
  const group = (name: string, isOf: (one: (typeof all)[number]) => boolean): AnomalyFigures['misses'][number] => {
    const members = all.filter(isOf)
    return { name, windows: members.length, found: members.filter(({ found }) => found).length }
  }
  return [
    group('goes beyond all values before it', ({ beyond }) => beyond),
    group('stays within them', ({ beyond }) => !beyond),
    group(`in a series of fewer than ${SHORT.toLocaleString('en')} points`, ({ short }) => short),
    group('in a longer one', ({ short }) => !short),
  ]
}

function goesBeyond(values: readonly number[], [first, last]: Window): boolean {
  const before = values.slice(0, first)
  const [least, most] = [Math.min(...before), Math.max(...before)]
  return values.slice(first, last + 1).some((value) => value < least || value > most)
}
