/** Findings about the top services, and the evidence cited by findings and root causes. */
import type { Deviation } from './metrics/deviation.ts'
import { isHurt } from './metrics/hurt.ts'
import { type TemplateChange, UNUSUAL } from './logs/changes.ts'
import { pathText } from './logs/path-text.ts'
import type { PathChange } from './logs/paths.ts'
import { severityOf } from './logs/severity.ts'
import type { Change, TimeRange } from './observations.ts'
import type { Suspect } from './ranking/services.ts'
import { changedText, movedText, saidText } from './text.ts'
import type { TraceFinding } from './traces/compare.ts'
import { traceText } from './traces/text.ts'
import type { Evidence, Finding, Text } from './verdict.ts'

const SERVICES_SHOWN = 5
const SHOWN_PER_SOURCE = 3

/** The id of evidence is its tool call or, offline, a query that selects the same data. */
export function createCitations(range: TimeRange) {
  const made = new Map<string, Evidence>()
  const note = (source: Evidence['source'], query: string, summary: Text, id = `${source}:${query}`): string => {
    // one call may return many series: keep the summary of the first, which is the strongest
    if (!made.has(id)) made.set(id, { id, source, query, range, summary })
    return id
  }
  return {
    series: (one: Deviation) =>
      note('metrics', `${one.series.service}/${one.series.indicator}`, movedText(one), one.series.evidence),
    logs: (one: TemplateChange) =>
      note('logs', one.template, saidText(one), one.evidence[0] ?? `logs:${one.service}/${one.template}`),
    path: (one: PathChange) =>
      note('logs', one.event, pathText(one), one.evidence[0] ?? `logs:${one.service}/${one.given}/${one.event}`),
    trace: (one: TraceFinding) =>
      note('traces', one.operation, traceText(one), one.evidence[0] ?? `traces:${one.service}/${one.operation}`),
    change: (change: Change) => note('changes', change.id, changedText(change), change.evidence),
    all: () => [...made.values()],
  }
}

export type Citations = ReturnType<typeof createCitations>

/** Ids of the strongest evidence against a service, from each source. */
export const evidenceOf = ({ deviations, logs, paths, traces, waits, change }: Suspect, cite: Citations): string[] => [
  ...new Set([
    ...deviations.slice(0, SHOWN_PER_SOURCE).map(cite.series),
    ...logs.slice(0, 1).map(cite.logs),
    ...paths.slice(0, 1).map(cite.path),
    ...traces.slice(0, 1).map(cite.trace),
    ...waits.slice(0, 1).map(cite.series),
    ...(change === null ? [] : [cite.change(change)]),
  ]),
]

/** Per service: the findings that make it suspect, then other changes in its logs. */
export const findingsOf = (
  ranked: readonly Suspect[],
  otherwise: readonly TemplateChange[],
  onset: number,
  cite: Citations,
): Finding[] =>
  ranked.slice(0, SERVICES_SHOWN).flatMap((suspect, index) => [
    ...suspect.deviations.slice(0, SHOWN_PER_SOURCE).map((one): Finding => ({
      source: 'metrics',
      severity: index === 0 && isHurt(one) ? 'critical' : 'warning',
      service: suspect.service,
      message: movedText(one),
      timestamp: onset,
      evidence: [cite.series(one)],
    })),
    ...toldOf(suspect, cite),
    ...(suspect.change === null ? [] : [changeFinding(suspect.change, suspect.service, cite)]),
    ...firstOfKinds(otherwise.filter(({ service }) => service === suspect.service)).map((one) => otherwiseFinding(one, cite)), // prettier-ignore
  ])

/** The largest move when nothing is wrong. */
export const unremarkable = (one: Deviation, onset: number, cite: Citations): Finding => ({
  source: 'metrics',
  severity: 'info',
  service: one.series.service,
  message: movedText(one),
  timestamp: onset,
  evidence: [cite.series(one)],
})

const toldOf = ({ service, logs, paths, traces }: Suspect, cite: Citations): Finding[] => [
  ...logs.slice(0, SHOWN_PER_SOURCE).map((one): Finding => ({
    source: 'logs',
    severity: one.severity,
    service,
    message: saidText(one),
    timestamp: one.timestamp,
    evidence: [cite.logs(one)],
  })),
  ...paths.slice(0, SHOWN_PER_SOURCE).map((one): Finding => ({
    source: 'logs',
    severity: 'warning',
    service,
    message: pathText(one),
    timestamp: one.timestamp,
    evidence: [cite.path(one)],
  })),
  ...traces.slice(0, SHOWN_PER_SOURCE).map((one): Finding => ({
    source: 'traces',
    severity: one.severity,
    service,
    message: traceText(one),
    timestamp: one.timestamp,
    evidence: [cite.trace(one)],
  })),
]

/** The strongest change of each kind; small ones are dropped, because a few new lines and slightly different counts are normal. */
const firstOfKinds = (changes: readonly TemplateChange[]): TemplateChange[] => {
  const clear = changes.filter(({ kind, deviation }) => kind === 'parameters' || Math.abs(deviation) >= UNUSUAL)
  return [...Map.groupBy(clear, ({ kind }) => kind).values()].flatMap((ones) => ones.slice(0, 1))
}

const otherwiseFinding = (one: TemplateChange, cite: Citations): Finding => ({
  source: 'logs',
  severity: isCalm(one) ? 'info' : 'warning',
  service: one.service,
  message: saidText(one),
  timestamp: one.timestamp,
  evidence: [cite.logs(one)],
})

/** Errors that are no longer logged are harmless; routine work that is no longer logged is not. */
const isCalm = ({ kind, severity, level, example }: TemplateChange): boolean =>
  kind === 'vanished' ? severityOf(level, example) !== 'info' : kind !== 'parameters' || severity === 'info'

const changeFinding = (change: Change, service: string, cite: Citations): Finding => ({
  source: 'changes',
  severity: 'warning',
  service,
  message: changedText(change),
  timestamp: change.timestamp,
  evidence: [cite.change(change)],
})
