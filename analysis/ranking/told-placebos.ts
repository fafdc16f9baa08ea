/**
 * Placebo tests for log lines and spans: blocks of the baseline are each compared with the rest of it as if they were the window, as
 * `metrics/placebo.ts` does for samples (in-time placebo: Abadie, Diamond and Hainmueller, 2015).
 */
import type { MinedLines } from '../logs/mined.ts'
import { placeboBlocks } from '../metrics/placebo.ts'
import type { LogLine } from '../observations.ts'
import { compareTold, type Told, type ToldEvidence } from './told.ts'

/** Placebos use at most this many lines and spans, the latest ones. */
const MOST = 20_000

/**
 * One result per block; none if the baseline is too short. Blocks hold equal numbers of requests (or of lines without a trace id), because
 * retained data is seldom spread evenly over time. A trace is never split.
 */
export function toldPlacebos(before: Told, during: Told, mined: MinedLines): ToldEvidence[] {
  const kept = {
    logs: latest(before.logs, (line) => line.timestamp),
    spans: latest(before.spans, ({ span }) => span.start),
  }
  const units = unitsOf(kept)
  return placeboBlocks(units.length, unitsOf(during).length).map(({ start, end }) => {
    const asked = new Set(units.slice(start, end).map(({ key }) => key))
    const [rest, block] = [false, true].map((isAsked): Told => ({
      logs: kept.logs.filter((line) => asked.has(keyOf(line)) === isAsked),
      spans: kept.spans.filter(({ span }) => asked.has(span.traceId) === isAsked),
    })) as [Told, Told]
    const length = lengthOf(units, start, end)
    const covered = {
      baseline: { start: 0, end: lengthOf(units, 0, units.length) - length },
      window: { start: 0, end: length },
    }
    return compareTold(rest, block, covered, mined)
  })
}

interface Unit {
  key: string | LogLine
  time: number
}

const keyOf = (line: LogLine): string | LogLine => line.traceId ?? line

/** Requests, and lines without a trace id, ordered by start. */
export function unitsOf({ logs, spans }: Told): Unit[] {
  const first = new Map<string | LogLine, number>()
  const note = (key: string | LogLine, time: number): unknown => first.set(key, Math.min(first.get(key) ?? time, time))
  for (const { span } of spans) note(span.traceId, span.start)
  for (const line of logs) note(keyOf(line), line.timestamp)
  return [...first].map(([key, time]) => ({ key, time })).sort((a, b) => a.time - b.time)
}

/** Duration of the block, up to the start of the next unit. */
const lengthOf = (units: readonly Unit[], start: number, end: number): number =>
  (units[end] ?? units.at(-1))!.time - units[start]!.time

const latest = <T>(all: readonly T[], timeOf: (one: T) => number): readonly T[] =>
  all.length <= MOST ? all : all.toSorted((a, b) => timeOf(a) - timeOf(b)).slice(-MOST)
