/**
 * Detects services that stopped logging while others continued. Lines come in bursts, so their number does not show how significant a gap
 * is. Instead, time is measured in units of the longest gap seen before: no such unit passed without a line before, now several did in a
 * row; these numbers are compared as counts (Anscombe, 1948; for samples see `metrics/absence.ts`). The gap is measured in time and in
 * lines of all services, and the smaller result counts, so that neither a flood of other lines nor a quiet night makes a service silent.
 */
import type { LogLine } from '../observations.ts'
import { countDistance } from '../counts.ts'
import { lowerBound } from '../metrics/samples.ts'
import { type TemplateChange, UNUSUAL } from './changes.ts'
import { PARAMETER } from './words.ts'

const MOST_EVIDENCE = 10

/** Timestamps of lines, ascending. */
interface Heard {
  before: Float64Array
  during: Float64Array
}

/** Services that fell silent. A service that is alone in the lines is never silent: retention may have ended there. */
export function silencesOf(before: readonly LogLine[], during: readonly LogLine[]): TemplateChange[] {
  if (before.length === 0 || during.length === 0) return []
  const all = { before: instantsOf(before), during: instantsOf(during) }
  const left = Map.groupBy(during, ({ service }) => service)
  return [...Map.groupBy(before, ({ service }) => service)].flatMap(([service, lines]) => {
    const rest = left.get(service) ?? []
    const own = { before: instantsOf(lines), during: instantsOf(rest) }
    const byClock = deviationOf(own, all)
    if (!(byClock >= UNUSUAL)) return []
    const deviation = Math.min(byClock, deviationOf(rankedIn(own, all), rankedIn(all, all)))
    return deviation >= UNUSUAL ? [silence(service, lines, rest, all, deviation)] : []
  })
}

/** Significance of the final gap, counted in units of the longest earlier gap. */
function deviationOf(own: Heard, all: Heard): number {
  const [start, end] = [all.during[0]!, all.during.at(-1)!]
  const since = own.during.at(-1) ?? start
  const [first, last] = [all.before[0]!, all.before.at(-1)!]
  const longest = Math.max(longestGap(own.before, first, last), longestGap(own.during, start, since))
  const silent = (end - since) / longest
  return -countDistance(0, silent, silent / ((last - first) / longest))
}

function longestGap(instants: Float64Array, from: number, to: number): number {
  let [longest, last] = [0, from]
  for (const instant of instants) {
    longest = Math.max(longest, instant - last)
    last = instant
  }
  return Math.max(longest, to - last)
}

function instantsOf(lines: readonly LogLine[]): Float64Array {
  const instants = new Float64Array(lines.length)
  for (let at = 0; at < lines.length; at++) instants[at] = lines[at]!.timestamp
  return instants.sort()
}

const rankedIn = (own: Heard, all: Heard): Heard => ({
  before: own.before.map((instant) => lowerBound(all.before, instant)),
  during: own.during.map((instant) => lowerBound(all.during, instant)),
})

function silence(
  service: string,
  before: readonly LogLine[],
  during: readonly LogLine[],
  all: Heard,
  deviation: number,
): TemplateChange {
  const last = [...before, ...during].reduce((latest, line) => (line.timestamp > latest.timestamp ? line : latest))
  const lengths = [all.during, all.before].map((instants) => instants.at(-1)! - instants[0]!) as [number, number]
  const ids = before.flatMap(({ evidence }) => evidence ?? [])
  return {
    kind: 'silent',
    service,
    template: PARAMETER,
    severity: 'warning',
    before: before.length,
    during: during.length,
    expected: (before.length * lengths[0]) / lengths[1],
    deviation,
    timestamp: last.timestamp,
    example: last.message.slice(0, 2_000),
    evidence: [...new Set(ids)].slice(0, MOST_EVIDENCE),
  }
}
