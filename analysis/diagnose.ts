/**
 * What is wrong, since when, because of what: from numbers, log lines, changes and the call graph, without a model. Pure: no I/O, no
 * clock. Each service that was seen is ranked; every claim cites evidence.
 */
import { type Deviation, deviationOf } from './deviation.ts'
import { compareTemplates, type TemplateChange } from './logs/changes.ts'
import type { Change, Observations, TimeRange } from './observations.ts'
import { findOnset } from './onset.ts'
import { nearness, rankServices, type Suspect } from './services.ts'
import { causeText, changedText, movedText, saidText } from './text.ts'
import type { Evidence, Finding, RuledOut, Text, Verdict } from './verdict.ts'

/** A service that moved less than this is not an incident. */
const INCIDENT_SCORE = 2
const NOTHING_SCORE = 1.2
const SHOWN_PER_SERVICE = 3

export function diagnose(observations: Observations): Verdict {
  const missing = missingIn(observations)
  const onset = findOnset(observations)
  if (onset === null) return quiet(observations, missing)

  const during = { start: onset, end: observations.window.end }
  const before = baselineOf(observations, onset)
  const deviations = observations.series.flatMap((series) => deviationOf(series, before, during) ?? [])
  const logs = compareTemplates(
    observations.logs.filter((line) => line.timestamp < onset),
    observations.logs.filter((line) => line.timestamp >= onset),
    { baseline: before, window: during },
  )
  const past = observations.changes.filter((change) => change.timestamp <= observations.window.end)
  const ranked = rankServices({
    services: servicesOf(observations),
    deviations,
    logs,
    edges: observations.edges,
    changes: past,
    onset,
  })
  const top = ranked[0]
  if (top === undefined || top.score < NOTHING_SCORE) return quiet(observations, missing)
  const cite = createCitations(observations, onset)
  return {
    verdict: top.score >= INCIDENT_SCORE ? 'incident' : 'inconclusive',
    onset,
    confidence: confidenceOf(ranked),
    rootCauses: ranked.map((suspect, index) => ({
      rank: index + 1,
      service: suspect.service,
      indicator: suspect.deviations[0]?.series.indicator ?? null,
      changeId: suspect.change?.id ?? null,
      score: suspect.score / top.score,
      explanation: causeText(suspect),
      evidence: [
        ...suspect.deviations.slice(0, SHOWN_PER_SERVICE).map(cite.series),
        ...suspect.logs.slice(0, 1).map(cite.logs),
        ...(suspect.change === null ? [] : [cite.change(suspect.change)]),
      ].filter(unique),
    })),
    findings: findingsOf(ranked, onset, cite),
    evidence: cite.all(),
    missing,
    ruledOut: ruledOut(ranked, past, onset),
  }
}

/** What is compared with: as given, in so far as it is no part of what is asked about. */
function baselineOf({ baseline, window }: Observations, onset: number): TimeRange {
  if (baseline === undefined) return { start: window.start, end: onset }
  return baseline.start < onset && baseline.end > onset ? { start: baseline.start, end: onset } : baseline
}

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

/** Names evidence by the tool call it came from, or, offline, by what selects the same data again. */
function createCitations(observations: Observations, onset: number) {
  const made = new Map<string, Evidence>()
  const note = (id: string, source: Evidence['source'], query: string, summary: Text): string => {
    made.set(id, { id, source, query, range: { start: onset, end: observations.window.end }, summary })
    return id
  }
  return {
    series: (one: Deviation) => {
      const query = `${one.series.service}/${one.series.indicator}`
      return note(one.series.evidence ?? `metrics:${query}`, 'metrics', query, movedText(one))
    },
    logs: (one: TemplateChange) =>
      note(one.evidence[0] ?? `logs:${one.service}/${one.template}`, 'logs', one.template, saidText(one)),
    change: (change: Change) =>
      note(change.evidence ?? `changes:${change.id}`, 'changes', change.id, changedText(change)),
    all: () => [...made.values()],
  }
}

function findingsOf(ranked: readonly Suspect[], onset: number, cite: ReturnType<typeof createCitations>): Finding[] {
  return ranked.slice(0, 5).flatMap(({ service, deviations, logs, change }, rank): Finding[] => [
    ...deviations.slice(0, SHOWN_PER_SERVICE).map((one): Finding => ({
      source: 'metrics',
      severity: rank === 0 && one.meaning !== 'traffic' ? 'critical' : 'warning',
      service,
      message: movedText(one),
      timestamp: onset,
      evidence: [cite.series(one)],
    })),
    ...logs.slice(0, SHOWN_PER_SERVICE).map((one): Finding => ({
      source: 'logs',
      severity: one.severity,
      service,
      message: saidText(one),
      timestamp: one.timestamp,
      evidence: [cite.logs(one)],
    })),
    ...(change === null
      ? []
      : [
          {
            source: 'changes',
            severity: 'warning',
            service,
            message: changedText(change),
            timestamp: change.timestamp,
            evidence: [cite.change(change)],
          } satisfies Finding,
        ]),
  ])
}

function ruledOut(ranked: readonly Suspect[], changes: readonly Change[], onset: number): RuledOut[] {
  const blamed = ranked[0]?.change?.id
  return changes
    .filter((change) => change.id !== blamed)
    .map((change) => ({
      changeId: change.id,
      ...(change.service === '' ? {} : { service: change.service }),
      reason: reasonAgainst(change, ranked, onset),
    }))
}

function reasonAgainst(change: Change, ranked: readonly Suspect[], onset: number): Text {
  if (nearness(change, onset) === 0) return { en: 'it came after the disturbance began', zh: '發生在異常開始之後' }
  const suspect = ranked.find((one) => one.service === change.service)
  if (suspect === undefined || (suspect.deviations.length === 0 && suspect.logs.length === 0))
    return {
      en: `nothing of ${change.service || 'what it changed'} moved`,
      zh: `${change.service || '被變更的對象'} 的訊號沒有變化`,
    }
  if (nearness(change, onset) <= 0.05) return { en: 'it came long before the disturbance', zh: '遠早於異常發生' }
  return { en: 'another service explains more of what was seen', zh: '另一個服務更能解釋所見' }
}

function missingIn(observations: Observations): Text[] {
  return [
    ...(observations.series.length === 0 ? [{ en: 'there are no metrics', zh: '沒有指標' }] : []),
    ...(observations.logs.length === 0 ? [{ en: 'there are no log lines', zh: '沒有日誌' }] : []),
    ...(observations.changes.length === 0 ? [{ en: 'no changes are known', zh: '沒有已知的變更' }] : []),
  ]
}

function quiet(observations: Observations, missing: readonly Text[]): Verdict {
  const measured = observations.series.some((series) => series.times.length > 0)
  return {
    verdict: measured ? 'nothing_wrong' : 'inconclusive',
    onset: null,
    confidence: 0,
    rootCauses: servicesOf(observations).map((service, index) => ({
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

const unique = (id: string, index: number, ids: readonly string[]): boolean => ids.indexOf(id) === index
