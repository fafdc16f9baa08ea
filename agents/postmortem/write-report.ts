/** Writes a report from the facts. Pure: the same facts give the same report, whoever asked. */
import { namesIn } from '../../postmortem/wording.ts'
import type { Chart, Moment, Report, Source, Text, Times } from '../../postmortem/report.ts'
import { actionItemsOf } from './action-items.ts'
import { causeOf, leading } from './cause.ts'
import type { Facts } from './facts.ts'
import { wrongIn } from './feedback.ts'
import { impactOf } from './impact.ts'
import { lessonsOf } from './lessons.ts'
import { latencyOf, signalsByService, type Signal, type Signals } from './measurements.ts'
import { periodsOf } from './periods.ts'
import { report as texts } from './report-texts.ts'
import { createSpeech, type Speech } from './speech.ts'
import { summaryOf } from './summary.ts'
import { CHANGES_BEFORE_MS, timelineOf } from './timeline.ts'
import { approvalsOf, contradictionsOf, incidentResults, intervalsOf, timesOf } from './times.ts'

const MOST_SERVICES = 20

export function writeReport(facts: Facts): Report {
  const named = namedIn(facts)
  const speech = createSpeech(
    peopleIn(facts).filter((name) => !named.includes(name)),
    named,
  )
  const times = timesOf(facts)
  const involved = involvedIn(facts)
  const services = signalsByService(facts.answers.measured(involved))
  const { objectives, answers } = facts
  const impact = impactOf({ services, involved, calls: answers.calls, periods: periodsOf(facts), objectives })
  const cause = causeOf(facts, speech)
  const { well, badly, luck } = lessonsOf({ facts, times, impact, involved })
  const { entries, leftOut } = timelineOf(facts, { involved, window: windowOf(times, facts), speech })
  const contradictions = contradictionsOf(times)
  const status = statusOf(facts, times)
  const open = [...contradictions, ...cause.open]
  return {
    version: 1,
    postmortem_id: facts.postmortemId,
    written_at: facts.writtenAt,
    head: {
      title: titleOf(facts, involved, speech),
      incident_ids: [...facts.incidentIds],
      session_ids: facts.sessions.map(({ request }) => request.session_id),
      severity: severityOf(facts),
      status,
      services: involved,
      times,
      intervals: intervalsOf(times),
    },
    summary: summaryOf({ facts, times, impact, cause, status, fallback: anySource(facts), speech }),
    impact,
    timeline: entries,
    timeline_left_out: leftOut,
    cause: { ...cause, open },
    went_well: well,
    went_badly: badly,
    luck,
    action_items: actionItemsOf({ cause: { ...cause, open }, went_badly: badly, luck, impact }),
    missing: missingIn(facts),
    wording: speech.wording(),
    charts: impact.services.flatMap(({ service }) => chartsOf(service, services.get(service))),
  }
}

/** Every service that the facts name: one that deploys itself is no person. */
function namedIn({ answers, sessions, incidents, changes = [] }: Facts): string[] {
  const all = new Set([
    ...[...answers.calls].flatMap(([caller, called]) => [caller, ...called]),
    ...sessions.flatMap(({ request, result }) => [
      request.service ?? '',
      ...request.affected_services,
      ...(result?.root_causes ?? []).map(({ service }) => service),
    ]),
    ...incidents.map(({ service_name }) => service_name),
    ...[...answers.changes.values(), ...changes].map(({ service_name }) => service_name),
  ])
  return [...all].filter((name) => name !== '')
}

/** Authors of changes and everybody who asked or decided. */
function peopleIn(facts: Facts): string[] {
  return namesIn([
    ...[...facts.answers.changes.values(), ...(facts.changes ?? [])].map(({ author }) => author),
    ...facts.sessions.flatMap(({ request, feedback }) => [request.requested_by, ...feedback.map(({ recorded_by }) => recorded_by)]), // prettier-ignore
    ...approvalsOf(facts).flatMap(({ requested, counted, closed }) => [
      requested.proposed_by?.id ?? null,
      ...counted.map(({ approved_by }) => approved_by),
      closed?.decided_by ?? null,
      ...(closed?.approved_by ?? []),
    ]),
  ])
}

/**
 * The services that were asked about, that the incidents name, with a critical finding, and of the further candidates those that call the cause: one that
 * only deviated a little, and that the cause calls or that has nothing to do with it, was not affected.
 */
function involvedIn(facts: Facts): string[] {
  // what a diagnosis saw was affected, also if it took the wrong cause for it
  const result = leading(facts) ?? wrongIn(facts)[0]?.result
  const first = result?.root_causes.find(({ rank }) => rank === 1)?.service
  const named = [
    ...facts.sessions.flatMap(({ request }) => [request.service ?? '', ...request.affected_services]),
    ...facts.incidents.map(({ service_name }) => service_name),
    ...(result?.root_causes ?? [])
      .filter(({ separate, rank, since }) => !separate && (rank === 1 || since !== null))
      .filter(({ rank, service }) => rank === 1 || callsOrMay(facts.answers.calls, service, first))
      .map(({ service }) => service),
    ...(result?.findings.filter(({ severity }) => severity === 'critical') ?? []).map(({ service }) => service ?? ''),
  ]
  return [...new Set(named)].filter((name) => name !== '').slice(0, MOST_SERVICES)
}

/** Whether a service calls another, directly or through others; true if that is unknown. */
function callsOrMay(
  calls: ReadonlyMap<string, readonly string[]>,
  caller: string,
  called: string | undefined,
): boolean {
  const reached = new Set([caller])
  for (const name of reached) {
    const next = calls.get(name)
    if (next === undefined && name === caller) return true
    for (const one of next ?? []) reached.add(one)
  }
  return called !== undefined && reached.has(called)
}

function titleOf(facts: Facts, involved: readonly string[], speech: Speech): Text {
  const [incident, ...others] = facts.incidents
  if (incident !== undefined && incident.title !== '') return texts.titled(speech.quoted(incident.title), others.length)
  return involved.length === 0 ? texts.untitled : texts.title(involved[0]!, facts.incidentIds.length)
}

/** The worst severity that an incident or a request states; P0 is worse than P1. */
function severityOf(facts: Facts): string | null {
  const stated = [
    ...facts.incidents.map(({ severity }) => severity),
    ...facts.sessions.map(({ request }) => request.severity),
  ]
  return stated.filter((one) => one !== null && one !== 'unknown').toSorted()[0] ?? null
}

function statusOf(facts: Facts, { resolved, mitigated, began }: Times): Report['head']['status'] {
  if (resolved.at !== null) return 'resolved'
  if (mitigated.at !== null) return 'mitigated'
  const results = facts.sessions.flatMap(({ result }) => (result === null ? [] : [result]))
  const calm =
    results.length > 0 &&
    results.length === facts.sessions.length &&
    results.every(({ verdict }) => verdict === 'nothing_wrong')
  if (calm && facts.incidentIds.length === 0) return 'no_incident'
  return began.at !== null || facts.incidentIds.length > 0 ? 'open' : 'unknown'
}

/** From an hour before the onset to the last thing that is known. */
function windowOf(times: Times, facts: Facts): { from: number; to: number } {
  const given = Object.values(times).flatMap(({ at }: Moment) => at ?? [])
  const asked = facts.sessions.map(({ request }) => request.occurred_at)
  const all = [...given, ...asked]
  const first = all.reduce((one, other) => Math.min(one, other), facts.writtenAt)
  const last = all.reduce((one, other) => Math.max(one, other), 0)
  return { from: (times.began.at ?? first) - CHANGES_BEFORE_MS, to: last }
}

const anySource = ({ sessions, incidentIds }: Facts): Source[] => [
  ...sessions.slice(0, 1).map(({ request }): Source => ({ kind: 'event', id: request.event_id })),
  ...incidentIds.slice(0, 1).map((id): Source => ({ kind: 'incident', id })),
]

function missingIn(facts: Facts): Text[] {
  const { answers, incidents, incidentIds, sessions } = facts
  const unread = incidentIds.filter((id) => !incidents.some((one) => one.id === id))
  return [
    ...facts.missing,
    ...unread.map(texts.unreadIncident),
    ...(sessions.length === 0 ? [texts.noSession] : []),
    ...(answers.downsampled === 0 ? [] : [texts.downsampled(answers.downsampled)]),
    ...(answers.unread === 0 ? [] : [texts.unread(answers.unread)]),
    ...(answers.unreadable === 0 ? [] : [texts.unreadable(answers.unreadable)]),
    ...(sessions.length > 0 && incidentResults(facts).length === 0 ? [texts.noDiagnosis] : []),
  ]
}

const MOST_POINTS = 120
const MOST_CHARTS_INDICATORS = ['error_ratio', 'request_rate']

function chartsOf(service: string, signals: Signals | undefined): Chart[] {
  if (signals === undefined) return []
  const shown = [...MOST_CHARTS_INDICATORS.map((name) => signals.get(name) ?? null), latencyOf(signals)]
  return shown
    .filter((one): one is Signal => one !== null && one.points.length > 1)
    .map(({ indicator, unit, points, sources }) => ({
      service,
      indicator,
      unit,
      points: thinned(points).map(([at, value]): [number, number] => [Math.round(at), value]),
      sources: sources.slice(0, 20),
    }))
}

/** Of each stretch the largest value, so that no peak is lost. */
function thinned(points: Signal['points']): Signal['points'] {
  if (points.length <= MOST_POINTS) return points
  const size = points.length / MOST_POINTS
  return Array.from({ length: MOST_POINTS }, (_, place) =>
    points
      .slice(Math.floor(place * size), Math.floor((place + 1) * size))
      .reduce((most, one) => (one[1] > most[1] ? one : most)),
  )
}
