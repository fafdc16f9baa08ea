/**
 * Ranks services from the observations: what moved, since when, and how much of it could be chance. The steps follow BARO
 * (Pham et al., FSE 2024): find the change point first, then compare the data after it with the data before; each step names its source.
 */
import { absenceOf, goneAmong, presenceOf, silencesOf } from './metrics/absence.ts'
import { deviationOf } from './metrics/deviation.ts'
import { type EarlierIncidents, incidentsBefore } from './earlier-incidents.ts'
import { isWithin, leftOut, lengthOf } from './metrics/disturbed.ts'
import { isFelt } from './ranking/felt.ts'
import { commonLoad, withoutLoad } from './metrics/load.ts'
import type { TemplateChange } from './logs/changes.ts'
import { MinedLines } from './logs/mined.ts'
import type { CallEdge, LogLine, Observations, TimeRange } from './observations.ts'
import { findOnset, type Known } from './metrics/onset.ts'
import { median } from './metrics/robust.ts'
import { preparedAll } from './metrics/samples.ts'
import { isTrouble } from './ranking/families.ts'
import { graphOf, isWhole } from './ranking/graph.ts'
import { type Ranking, rankServices, type Signals } from './ranking/services.ts'
import { compareTold, type Told, type ToldEvidence } from './ranking/told.ts'
import { toldPlacebos, unitsOf } from './ranking/told-placebos.ts'
import { rememberedBy } from './remembered.ts'
import { toldSeries } from './told-series.ts'
import { type PlacedSpan, placeSpans } from './traces/tree.ts'

/** Minimum score, beyond chance, of a service in an incident. */
export const INCIDENT_SCORE = 1.65

export interface Investigation extends Ranking {
  /** ms since the epoch */
  onset: number
  /** the range that was compared with the baseline: from the onset to the end of the window */
  during: TimeRange
  /** traffic of the typical service, as a multiple of its normal traffic */
  load: number
  /** changes in logs that are not errors: they make no service suspect but may explain the incident; strongest first */
  otherwise: readonly TemplateChange[]
  /** user requests failed that normally succeed */
  isFelt: boolean
  /** logs or spans were compared, but the baseline has too few to estimate their noise */
  isChanceUnknown: boolean
  /** baseline samples of the typical series; without series, the number of requests or lines */
  history: number
  /** the range searched for the onset of each service */
  known: Known
  /** call graph: as given, and inferred from spans and log lines */
  edges: readonly CallEdge[]
  /** at least one signal has data both before and during */
  isCompared: boolean
  /** earlier incidents, which are left out of the baseline */
  disturbed: EarlierIncidents
}

/** null: the window is empty, so it has no onset. */
export function investigate(given: Observations): Investigation | null {
  const all = { ...given, series: preparedAll(given.series) }
  const disturbed = disturbedBefore(all)
  const { window, baseline, onset, alert, edges, series, logs, spans } = given
  const about = JSON.stringify([window, baseline, onset, alert?.since, edges, disturbed.ranges])
  const comparison = remembered([series, logs, spans], about, () => compareSides(all, disturbed))
  if (comparison === null) return null
  const { services, deviations, placebos, told, isFelt, isChanceUnknown, history, isCompared, load } = comparison
  const ranking = rankServices({
    ...{ services, deviations, ...comparison.found, placebos, edges: comparison.edges, gone: comparison.gone },
    changes: given.changes,
    ...(alert === undefined ? {} : { alert }),
    ...{ onset: comparison.onset, during: comparison.during },
    ...(given.asked === undefined ? {} : { asked: given.asked }),
    ...{ known: comparison.known, told },
  })
  return {
    ...ranking,
    ...{ onset: comparison.onset, during: comparison.during, known: comparison.known, edges: comparison.edges, load },
    otherwise: comparison.found.logs.filter((one) => !isTrouble(one)),
    ...{ isFelt, isChanceUnknown, history, isCompared, disturbed },
  }
}

type Compared = Pick<Signals, 'services' | 'deviations' | 'placebos' | 'told'> & Required<Pick<Signals, 'gone'>>
type Comparison = Compared & { found: ToldEvidence } & Pick<
    Investigation,
    'onset' | 'during' | 'known' | 'edges' | 'load' | 'isFelt' | 'isChanceUnknown' | 'history' | 'isCompared'
  >
const remembered = rememberedBy<Comparison | null>()

/** Everything that does not depend on which service is asked about or alerts, or on what changed. `all.series`: prepared. */
function compareSides(all: Observations, disturbed: EarlierIncidents): Comparison | null {
  const observations = { ...all, series: all.series.map((one) => leftOut(one, disturbed.ranges)) }
  const { series, window, baseline } = observations
  const searched = knownOf(observations)
  const silences = silencesOf(all.series, searched, window)
  const presences = silences.map((one) => presenceOf(one, window.start))
  const further = [...presences, ...toldSeries(observations).map((one) => leftOut(one, disturbed.ranges))]
  const onset = findOnset({ ...observations, series: [...series, ...further] })
  if (onset === null) return null
  const during = { start: onset, end: window.end }
  const before = baselineOf(observations, onset)
  const moved = series.flatMap((one) => deviationOf(one, before, during) ?? [])
  const deviations = [...moved, ...silences.map((one) => absenceOf(one, window))]
  const load = commonLoad(deviations)
  const placed = placeSpans(observations.spans)
  const edges = graphOf(observations.edges, placed, observations.logs)
  const told = toldAround(observations, placed, onset, disturbed)
  const mined = new MinedLines()
  const covered = { baseline: calmIn(coveredBy(told.before.logs, before), disturbed), window: coveredBy(told.during.logs, during) } // prettier-ignore
  const found = compareTold(told.before, told.during, covered, mined)
  const placebos = toldPlacebos(told.before, told.during, mined)
  const isToldCompared = isBoth(told, 'logs') || isBoth(told, 'spans')
  return {
    services: servicesOf(observations),
    deviations: deviations.map((one) => withoutLoad(one, load)),
    ...{ found, placebos, edges, onset, during, load, told: further },
    gone: goneAmong(silences, all.series),
    known: { window: searched, ...(baseline === undefined ? {} : { baseline }) },
    isFelt: isFelt(deviations, isWhole(edges) ? edges : []),
    isChanceUnknown: isToldCompared && placebos.length === 0,
    history: moved.length > 0 ? median(moved.map(({ samples }) => samples)) : unitsOf(told.before).length,
    isCompared: deviations.length > 0 || isToldCompared,
  }
}

const disturbedBefore = (observations: Observations): EarlierIncidents =>
  incidentsBefore(observations, sidesOf(observations).before, INCIDENT_SCORE)

/** The baseline, and the range to compare with it, by a first estimate of the onset. */
export function sidesOf(observations: Observations): Record<'before' | 'during', TimeRange> {
  const { baseline, window, onset, alert, series } = observations
  return sides([series], JSON.stringify([window, baseline, onset, alert?.since]), () => sidesIn(observations))
}

const sides = rememberedBy<Record<'before' | 'during', TimeRange>>()

function sidesIn(observations: Observations): Record<'before' | 'during', TimeRange> {
  const { baseline, window } = observations
  const begins = baseline === undefined ? (findOnset(observations) ?? window.start) : window.start
  return { before: baselineOf(observations, begins), during: { start: begins, end: window.end } }
}

/** `covered`, shortened by the disturbed time within it; counts are compared by length only. */
function calmIn(covered: TimeRange, { ranges }: EarlierIncidents): TimeRange {
  const within = ranges.map(({ start, end }) => ({ start: Math.max(start, covered.start), end: Math.min(end, covered.end) })).filter(({ start, end }) => end > start) // prettier-ignore
  return { start: covered.start + lengthOf(within), end: covered.end }
}

/** The window together with its baseline if the two are adjacent or nearly so; otherwise the window alone. */
const knownOf = ({ baseline, window }: Observations): TimeRange =>
  baseline !== undefined && baseline.start < window.start && baseline.end + NEARLY * (baseline.end - baseline.start) >= window.start // prettier-ignore
    ? { start: baseline.start, end: window.end }
    : window

/** Maximum gap between them, as share of the baseline's length. */
const NEARLY = 0.25

const isBoth = ({ before, during }: Sides, told: keyof Told): boolean =>
  before[told].length > 0 && during[told].length > 0

export const servicesOf = (observations: Observations): string[] => [
  ...new Set([
    ...observations.series.map((series) => series.service),
    ...observations.logs.map((line) => line.service),
    ...observations.spans.map((span) => span.service),
    ...observations.edges.flatMap(({ from, to }) => [from, to]),
  ]),
]

/** The given baseline, up to the onset; without one, all data before the onset. */
function baselineOf({ baseline, window, series }: Observations, onset: number): TimeRange {
  if (baseline === undefined) {
    const first = series.reduce((least, { times }) => Math.min(least, times[0] ?? least), window.start)
    return { start: first, end: onset }
  }
  return baseline.start < onset && baseline.end > onset ? { start: baseline.start, end: onset } : baseline
}

interface Sides {
  before: Told
  during: Told
}

/** Splits logs and spans at the onset; with a separate baseline, at the start of the window, which then counts as a whole. */
function toldAround(
  { logs, baseline, window }: Observations,
  spans: readonly PlacedSpan[],
  onset: number,
  { ranges }: EarlierIncidents,
): Sides {
  const apart = baseline !== undefined && (baseline.end <= window.start || baseline.start >= window.end)
  const begins = apart ? window.start : onset
  const isBefore = (instant: number): boolean =>
    instant < begins || (apart && instant >= baseline.start && instant < baseline.end)
  const first = firstOfTraces(spans)
  const lineAt = (line: LogLine): number => first.get(line.traceId) ?? line.timestamp
  const spanAt = ({ span }: PlacedSpan): number => first.get(span.traceId) ?? span.start
  const isCalm = (instant: number): boolean => isBefore(instant) && !isWithin(instant, ranges)
  return {
    before: { logs: logs.filter((line) => isCalm(lineAt(line))), spans: spans.filter((span) => isCalm(spanAt(span))) },
    during: {
      logs: logs.filter((line) => !isBefore(lineAt(line))),
      spans: spans.filter((span) => !isBefore(spanAt(span))),
    },
  }
}

/** A trace is assigned to one side by its first span: split at the onset, it would lose parents on one side. */
function firstOfTraces(spans: readonly PlacedSpan[]): Map<string | undefined, number> {
  const first = new Map<string | undefined, number>()
  for (const { span } of spans) {
    const known = first.get(span.traceId)
    if (known === undefined || span.start < known) first.set(span.traceId, span.start)
  }
  return first
}

const ENOUGH_LINES = 20

/** The part of the range for which lines were retained; unknown if there are few lines. */
function coveredBy(lines: readonly LogLine[], range: TimeRange): TimeRange {
  if (lines.length < ENOUGH_LINES) return range
  const first = lines.reduce((least, { timestamp }) => Math.min(least, timestamp), Infinity)
  const last = lines.reduce((most, { timestamp }) => Math.max(most, timestamp), -Infinity)
  return last > first ? { start: first, end: last } : range
}
