/**
 * What is wrong, since when, because of what: from numbers, log lines, changes and the call graph, without a model. Pure: no I/O, no
 * clock. Each service that was seen is ranked; every claim cites evidence.
 */
import { ruledOut } from './changes.ts'
import { deviationOf } from './deviation.ts'
import { createCitations, evidenceOf, findingsOf } from './findings.ts'
import { compareTemplates } from './logs/changes.ts'
import { comparePaths, type Told } from './logs/paths.ts'
import type { CallEdge, Observations, TimeRange } from './observations.ts'
import { findOnset } from './onset.ts'
import { rankServices, type Suspect } from './services.ts'
import { compareTraces } from './traces/compare.ts'
import { callEdges } from './traces/tree.ts'
import { causeText } from './text.ts'
import type { Text, Verdict } from './verdict.ts'

/** A service that moved less than this is not an incident. */
const INCIDENT_SCORE = 2.2
const NOTHING_SCORE = 2
/** Somebody was alerted: less is needed to believe it. */
const ALERTED = 0.4

export function diagnose(observations: Observations): Verdict {
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
    logs: compareTemplates(told.before.logs, told.during.logs, { baseline: before, window: during }),
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

function toldAround({ logs, spans }: Observations, onset: number): { before: Told; during: Told } {
  return {
    before: { logs: logs.filter((line) => line.timestamp < onset), spans: spans.filter((span) => span.start < onset) },
    during: {
      logs: logs.filter((line) => line.timestamp >= onset),
      spans: spans.filter((span) => span.start >= onset),
    },
  }
}

/** The graph that was given, else what the spans tell of it. */
const edgesOf = ({ edges, spans }: Observations): readonly CallEdge[] => (edges.length > 0 ? edges : callEdges(spans))

const movedOf = ({ service, deviations, logs, paths, traces }: Suspect) => ({
  service,
  moved: deviations.length + logs.length + paths.length + traces.length > 0,
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
