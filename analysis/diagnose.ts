/**
 * What is wrong, since when, because of what: from numbers, log lines, changes and the call graph, without a model. Pure: no I/O, no
 * clock. Each service that was seen is ranked; every claim cites evidence.
 */
import { ruledOut } from './changes.ts'
import { deviationOf } from './deviation.ts'
import { createCitations, evidenceOf, findingsOf } from './findings.ts'
import { compareTemplates } from './logs/changes.ts'
import { comparePaths, type Told } from './logs/paths.ts'
import type { CallEdge, LogLine, Observations, TimeRange } from './observations.ts'
import { findOnset } from './onset.ts'
import { prepared } from './samples.ts'
import { rankServices, type Suspect } from './services.ts'
import { compareTraces } from './traces/compare.ts'
import { callEdges } from './traces/tree.ts'
import { causeText } from './text.ts'
import type { Text, Verdict } from './verdict.ts'

/** A service that moved less than this is not an incident. */
const INCIDENT_SCORE = 1.65
const NOTHING_SCORE = 1.5
/** Somebody was alerted: less is needed to believe it. */
const ALERTED = 0.4

export function diagnose(given: Observations): Verdict {
  const observations = { ...given, series: given.series.map(prepared) }
  const missing = missingIn(observations)
  const onset = findOnset(observations)
  if (onset === null) return quiet(observations, missing, servicesOf(observations))

  const during = { start: onset, end: observations.window.end }
  const before = baselineOf(observations, onset)
  const deviations = observations.series.flatMap((series) => deviationOf(series, before, during) ?? [])
  const told = toldAround(observations, onset)
  const past = observations.changes.filter((change) => change.timestamp <= observations.window.end)
  const ranked = rankServices({
    services: servicesOf(observations),
    deviations,
    logs: compareTemplates(told.before.logs, told.during.logs, {
      baseline: coveredBy(told.before.logs, before),
      window: coveredBy(told.during.logs, during),
    }),
    paths: comparePaths(told.before, told.during),
    traces: compareTraces(told.before.spans, told.during.spans).findings,
    edges: edgesOf(observations),
    changes: past,
    ...(observations.alert === undefined ? {} : { alert: observations.alert }),
    onset,
  })
  const top = ranked[0]
  const enough = observations.alert === undefined ? NOTHING_SCORE : NOTHING_SCORE * ALERTED
  if (top === undefined || top.score < enough)
    return quiet(
      observations,
      missing,
      ranked.map(({ service }) => service),
    )
  const cite = createCitations(during)
  return {
    verdict:
      top.score >= (observations.alert === undefined ? 1 : ALERTED) * INCIDENT_SCORE ? 'incident' : 'inconclusive',
    onset,
    confidence: confidenceOf(ranked),
    rootCauses: ranked.map((suspect, index) => ({
      rank: index + 1,
      service: suspect.service,
      indicator: suspect.deviations[0]?.series.indicator ?? null,
      changeId: suspect.change?.id ?? null,
      score: suspect.score / top.score,
      explanation: causeText(suspect),
      evidence: evidenceOf(suspect, cite),
    })),
    findings: findingsOf(ranked, onset, cite),
    evidence: cite.all(),
    missing,
    ruledOut: ruledOut(observations.changes, top.change?.id, ranked.map(movedOf), onset),
  }
}

/** What is compared with: as given, in so far as it is no part of what is asked about; else all that is known of before. */
function baselineOf({ baseline, window, series }: Observations, onset: number): TimeRange {
  if (baseline === undefined) {
    const first = series.reduce((least, { times }) => Math.min(least, times[0] ?? least), window.start)
    return { start: first, end: onset }
  }
  return baseline.start < onset && baseline.end > onset ? { start: baseline.start, end: onset } : baseline
}

/** Where a baseline apart was given, it is what was told there or before the window: the window was meant as a whole. */
function toldAround({ logs, spans, baseline, window }: Observations, onset: number): { before: Told; during: Told } {
  const apart = baseline !== undefined && (baseline.end <= window.start || baseline.start >= window.end)
  const begins = apart ? window.start : onset
  const isBefore = (instant: number): boolean =>
    instant < begins || (apart && instant >= baseline.start && instant < baseline.end)
  return {
    before: { logs: logs.filter((line) => isBefore(line.timestamp)), spans: spans.filter((span) => isBefore(span.start)) }, // prettier-ignore
    during: { logs: logs.filter((line) => !isBefore(line.timestamp)), spans: spans.filter((span) => !isBefore(span.start)) }, // prettier-ignore
  }
}

const ENOUGH_LINES = 20

/** Lines may have been kept for a part of the range only; few lines do not tell which. */
function coveredBy(lines: readonly LogLine[], range: TimeRange): TimeRange {
  if (lines.length < ENOUGH_LINES) return range
  const first = lines.reduce((least, { timestamp }) => Math.min(least, timestamp), Infinity)
  const last = lines.reduce((most, { timestamp }) => Math.max(most, timestamp), -Infinity)
  return last > first ? { start: first, end: last } : range
}

/** The graph that was given, else what the spans tell of it. */
const edgesOf = ({ edges, spans }: Observations): readonly CallEdge[] => (edges.length > 0 ? edges : callEdges(spans))

const movedOf = ({ service, deviations, logs, paths, traces, waits }: Suspect) => ({
  service,
  moved: deviations.length + logs.length + paths.length + traces.length + waits.length > 0,
})

const servicesOf = (observations: Observations): string[] => [
  ...new Set([
    ...observations.series.map((series) => series.service),
    ...observations.logs.map((line) => line.service),
    ...observations.edges.flatMap(({ from, to }) => [from, to]),
  ]),
]

/** How clearly the first stands before the second. */
function confidenceOf(ranked: readonly Suspect[]): number {
  const [first, second] = ranked
  if (first === undefined || first.score <= 0) return 0
  const margin = (first.score - Math.max(0, second?.score ?? 0)) / first.score
  const strength = 1 - Math.exp(-first.score / 3)
  return Math.min(0.95, strength * (0.45 + 0.5 * margin))
}

function missingIn(observations: Observations): Text[] {
  return [
    ...(observations.series.length === 0 ? [{ en: 'there are no metrics', zh: '沒有指標' }] : []),
    ...(observations.logs.length === 0 ? [{ en: 'there are no log lines', zh: '沒有日誌' }] : []),
    ...(observations.changes.length === 0 ? [{ en: 'no changes are known', zh: '沒有已知的變更' }] : []),
  ]
}

function quiet(observations: Observations, missing: readonly Text[], services: readonly string[]): Verdict {
  const measured = observations.series.some((series) => series.times.length > 0)
  return {
    verdict: measured ? 'nothing_wrong' : 'inconclusive',
    onset: null,
    confidence: 0,
    rootCauses: services.map((service, index) => ({
      rank: index + 1,
      service,
      indicator: null,
      changeId: null,
      score: 0,
      explanation: { en: `${service} showed nothing unusual.`, zh: `${service} 沒有異常。` },
      evidence: [],
    })),
    findings: [],
    evidence: [],
    missing,
    ruledOut: observations.changes.map((change) => ({
      changeId: change.id,
      reason: { en: 'nothing moved', zh: '沒有任何變化' },
    })),
  }
}
