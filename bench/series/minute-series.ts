/**
 * The detector of `sre analyze anomalies` on minute-series of web services, with the baseline of the set. The measure is the area under precision and
 * recall of the score (VUS-PR), which needs no threshold; flags at the detector's own are counted beside it.
 */
import { StreamDetector } from '../../analysis/anomalies/stream-detector.ts'
import { sideOf } from '../division.ts'
import { bootstrapInterval, mean } from '../rankings/measures.ts'
import { type MinuteSeries, wsd } from '../sets/wsd.ts'
import { OWN_THRESHOLD } from './anomalies.ts'
import { seasonalMedian } from './anomaly-baselines.ts'
import { toleranceOf, volumeUnderSurface } from './volume-under-surface.ts'

export interface MinuteFigures {
  series: number
  points: number
  spans: number
  /** on all series, then on each half */
  sides: SideFigures[]
}

export interface SideFigures {
  name: string
  series: number
  /** mean of the series, with its interval over series */
  engine: number
  interval: [number, number]
  seasonalMedian: number
  /** share of spans with a flag in them */
  touched: number
  /** flags outside of the spans, of 1,000 points that count */
  falseAlarms: number
}

interface Measured {
  id: string
  points: number
  spans: number
  touched: number
  falseAlarms: number
  engine: number
  seasonalMedian: number
}

export function measureMinutes(root: string): MinuteFigures {
  const measured = wsd(root).map(measure)
  const halves = [...Map.groupBy(measured, ({ id }) => sideOf('wsd', id))].sort(([a], [b]) => a.localeCompare(b))
  return {
    series: measured.length,
    points: sum(measured, ({ points }) => points),
    spans: sum(measured, ({ spans }) => spans),
    sides: [sideFigures('all', measured), ...halves.map(([name, members]) => sideFigures(name, members))],
  }
}

const sum = (all: readonly Measured[], of: (one: Measured) => number): number => all.reduce((total, one) => total + of(one), 0) // prettier-ignore

const sideFigures = (name: string, members: readonly Measured[]): SideFigures => ({
  name,
  series: members.length,
  engine: mean(members.map(({ engine }) => engine)),
  interval: bootstrapInterval(members, (drawn) => mean(drawn.map(({ engine }) => engine))),
  seasonalMedian: mean(members.map((one) => one.seasonalMedian)),
  touched: sum(members, ({ touched }) => touched) / sum(members, ({ spans }) => spans),
  falseAlarms: (1000 * sum(members, ({ falseAlarms }) => falseAlarms)) / sum(members, ({ points }) => points),
})

function measure({ id, times, values, windows, scoredFrom }: MinuteSeries): Measured {
  const detector = new StreamDetector()
  const scores = values.map((value, at) => detector.judge(times[at]!, value).score).slice(scoredFrom)
  const spans = windows.map(([first, last]) => [first - scoredFrom, last - scoredFrom] as const)
  const flagged = [...scores.keys()].filter((at) => scores[at]! >= OWN_THRESHOLD)
  const isIn = (at: number, [first, last]: readonly [number, number]): boolean => at >= first && at <= last
  const tolerance = toleranceOf(values)
  return {
    id,
    points: scores.length,
    spans: spans.length,
    touched: spans.filter((span) => flagged.some((at) => isIn(at, span))).length,
    falseAlarms: flagged.filter((at) => !spans.some((span) => isIn(at, span))).length,
    engine: volumeUnderSurface(scores, spans, tolerance),
    seasonalMedian: volumeUnderSurface(seasonalMedian(times, values).slice(scoredFrom), spans, tolerance),
  }
}
