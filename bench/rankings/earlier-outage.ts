/**
 * Inserts an outage of another case into a question's baseline, as on a day with two outages. The other case's data from its onset on, shifted to the
 * levels of this case, replaces what was there, with logs and spans.
 */
import { median } from '../../analysis/metrics/robust.ts'
import { isWithin } from '../../analysis/metrics/disturbed.ts'
import type { LogLine, Observations, Series, Span, TimeRange } from '../../analysis/observations.ts'
import type { EvaluationCase } from './cases.ts'

const HOUR = 3_600_000
/** Only the last two hours of a longer baseline are used: in more, an hour of outage would hardly show. */
const LATELY = 2 * HOUR
/** Shares of the baseline: an outage is a minority of it and ended some time ago. */
const [LONGEST, BEGINS] = [0.25, 0.5]

/** A case with its undisturbed and its disturbed time, which the question may leave out. */
export interface Outage {
  observations: Observations
  before: TimeRange
  during: TimeRange
}

/** null: the case does not state its undisturbed time. */
export function outageOf(question: EvaluationCase): Outage | null {
  const observations = question.observations()
  const { window, baseline, onset } = question.exactly?.() ?? observations
  if (baseline === undefined && onset === undefined) return null
  const before = baseline ?? { start: window.start, end: onset! }
  const during = { start: Math.max(window.start, onset ?? window.start), end: window.end }
  if (baseline === undefined) return { observations, before, during }
  const lately = { start: Math.max(before.start, before.end - LATELY), end: before.end }
  return { observations: { ...observations, baseline: lately }, before: lately, during }
}

/** Place of the inserted outage; it lasts no longer than the other case's data. */
export function placeIn({ before }: Outage, earlier: Outage): TimeRange {
  const length = before.end - before.start
  const start = before.end - BEGINS * length
  return { start, end: start + Math.min(LONGEST * length, earlier.during.end - earlier.during.start) }
}

export function withEarlier(asked: Outage, earlier: Outage): Observations {
  const { observations } = asked
  const place = placeIn(asked, earlier)
  const by = place.start - earlier.during.start
  const taken = { start: earlier.during.start, end: earlier.during.start + place.end - place.start }
  const others = byQuantity(earlier.observations.series)
  const series = [...byQuantity(observations.series)].map(([key, one]) => {
    const other = others.get(key)
    return other === undefined ? one : replaced(one, asked.before, place, shown(other, earlier.before, taken, by))
  })
  const isElsewhere = (instant: number): boolean => !isWithin(instant, [place])
  const { logs, spans } = earlier.observations
  return {
    ...observations,
    series,
    logs: [
      ...observations.logs.filter(({ timestamp }) => isElsewhere(timestamp)),
      ...logs.filter(({ timestamp }) => isWithin(timestamp, [taken])).map((line) => movedLine(line, by)),
    ],
    spans: [
      ...observations.spans.filter(({ start }) => isElsewhere(start)),
      ...spans.filter(({ start }) => isWithin(start, [taken])).map((span) => movedSpan(span, by)),
    ],
  }
}

/** Replica names differ between days, so replicas are matched by position. */
function byQuantity(series: readonly Series[]): Map<string, Series> {
  const seen = new Map<string, number>()
  return new Map(
    series.map((one) => {
      const key = `${one.service}\0${one.indicator}`
      const place = seen.get(key) ?? 0
      seen.set(key, place + 1)
      return [`${key}\0${place}`, one]
    }),
  )
}

interface Shown {
  times: number[]
  /** distance from the level before */
  away: number[]
}

const within = ({ times, values }: Series, range: TimeRange): { time: number; value: number }[] =>
  Array.from(times, (time, index) => ({ time, value: values[index]! })).filter(({ time }) => isWithin(time, [range]))

const levelIn = (series: Series, range: TimeRange): number =>
  median(Float64Array.from(within(series, range), ({ value }) => value))

function shown(series: Series, before: TimeRange, taken: TimeRange, by: number): Shown {
  const level = levelIn(series, before)
  const points = within(series, taken)
  return { times: points.map(({ time }) => time + by), away: points.map(({ value }) => value - level) }
}

/** Values that were never negative stay so. A series without a level before, in either case, is left unchanged. */
function replaced(series: Series, before: TimeRange, place: TimeRange, { times, away }: Shown): Series {
  const level = levelIn(series, before)
  if (!Number.isFinite(level) || !away.every(Number.isFinite)) return series
  const least = series.values.reduce((low, value) => Math.min(low, value), Infinity) >= 0 ? 0 : -Infinity
  const points = [
    ...Array.from(series.times, (time, index) => ({ time, value: series.values[index]! })).filter(({ time }) => !isWithin(time, [place])), // prettier-ignore
    ...times.map((time, index) => ({ time, value: Math.max(least, level + away[index]!) })),
  ].sort((a, b) => a.time - b.time)
  return {
    ...series,
    times: Float64Array.from(points, ({ time }) => time),
    values: Float64Array.from(points, ({ value }) => value),
  }
}

/** Keeps trace ids apart when a case is inserted into itself. */
const EARLIER = 'earlier '
const movedLine = (line: LogLine, by: number): LogLine => ({
  ...line,
  timestamp: line.timestamp + by,
  ...(line.traceId === undefined ? {} : { traceId: EARLIER + line.traceId }),
})
const movedSpan = (span: Span, by: number): Span => ({
  ...span,
  traceId: EARLIER + span.traceId,
  start: span.start + by,
  end: span.end + by,
})
