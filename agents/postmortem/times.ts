/** The times of an incident, each with its source, and the intervals between them. An unknown time stays unknown. */
import type { Interval, Moment, Source, Statement, Text, Times } from '../../postmortem/report.ts'
import { span, utc } from '../../postmortem/words.ts'
import type { DiagnosisCompleted } from '../../schemas/events.generated.ts'
import type { AlertSeen } from './answers.ts'
import type { ApprovalFacts, Facts, SessionFacts } from './facts.ts'
import { times as texts } from './texts.ts'

interface Known {
  at: number
  basis: Text
  source: Source
}

const event = (id: string): Source => ({ kind: 'event', id })

export const unknown = (basis: Text): Moment => ({ at: null, precision: 'unknown', basis, sources: [] })

const known = ({ at, basis, source }: Known, precision: 'exact' | 'at_latest' = 'exact'): Moment => ({
  at: Math.round(at),
  precision,
  basis,
  sources: [source],
})

const earliest = (candidates: readonly Known[], otherwise: Text, precision?: 'exact' | 'at_latest'): Moment => {
  const [first] = candidates.toSorted((one, other) => one.at - other.at)
  return first === undefined ? unknown(otherwise) : known(first, precision)
}

const latest = (candidates: readonly Known[], otherwise: Text): Moment => {
  const [last] = candidates.toSorted((one, other) => other.at - one.at)
  return last === undefined ? unknown(otherwise) : known(last)
}

export const approvalsOf = (facts: Facts): ApprovalFacts[] => facts.sessions.flatMap(({ approvals }) => approvals)

export const incidentResults = (facts: Facts) =>
  facts.sessions.flatMap(({ result }) => (result?.verdict === 'incident' ? [result] : []))

export function timesOf(facts: Facts): Times {
  const { sessions, incidents } = facts
  const approvals = approvalsOf(facts)
  const decisions = approvals.flatMap(({ closed }) =>
    closed?.code === 'decided'
      ? [{ at: closed.occurred_at, basis: texts.decided, source: event(closed.event_id), outcome: closed.outcome }]
      : [],
  )
  // of two people, the first one's approval only counts
  const answered = [
    ...decisions,
    ...approvals.flatMap(({ counted }) => counted.map((one) => ({ at: one.occurred_at, source: event(one.event_id) }))),
  ]
  const ran = approvals.flatMap(({ acted }) => (acted?.outcome === 'succeeded' ? [acted] : []))
  const onsets = incidentResults(facts).flatMap(({ onset, event_id }) =>
    onset === null ? [] : [{ at: onset, basis: texts.onset, source: event(event_id) }],
  )
  const reported = incidents.map(({ started_at, id }) => ({ at: started_at, basis: texts.incidentBegan, source: { kind: 'incident' as const, id } })) // prettier-ignore
  const began = earliest(onsets.length > 0 ? onsets : reported, texts.noOnset)
  return {
    began,
    detected: earliest(
      sessions.flatMap((one) => detections(one, facts, began.at)),
      texts.notAsked,
    ),
    acknowledged: acknowledgementOf(
      incidents,
      answered.map((one) => ({ ...one, basis: texts.acknowledged })),
    ),
    diagnosed: earliest(
      incidentResults(facts).map(({ occurred_at, event_id }) => ({
        at: occurred_at,
        basis: texts.diagnosed,
        source: event(event_id),
      })),
      texts.notDiagnosed,
    ),
    decided: earliest(
      decisions.filter(({ outcome }) => outcome === 'approved'),
      texts.notDecided,
    ),
    acted: earliest(
      ran.flatMap(({ started_at, event_id }) =>
        started_at === null ? [] : [{ at: started_at, basis: texts.acted, source: event(event_id) }],
      ),
      texts.notActed,
    ),
    mitigated: mitigationOf(facts),
    resolved: resolutionOf(facts),
  }
}

/** The first that a person did, as far as it is reported: a decision without an acknowledgement may come long after somebody looked. */
function acknowledgementOf(incidents: Facts['incidents'], decisions: readonly Known[]): Moment {
  const reported = incidents.flatMap(({ id, acknowledged_at: at }): Known[] =>
    at === undefined ? [] : [{ at, basis: texts.reported, source: { kind: 'incident', id } }],
  )
  const [first] = [...reported, ...decisions].toSorted((one, other) => one.at - other.at)
  if (first === undefined) return unknown(texts.notAcknowledged)
  return known(first, reported.includes(first) ? 'exact' : 'at_latest')
}

/** Clocks of two sources may be this far apart, and an onset is where a signal was first seen to deviate. */
const APART_MS = 5 * 60_000

/** Not those of something else that began firing before. */
export const alertsSince = ({ answers }: Pick<Facts, 'answers'>, began: number | null): AlertSeen[] =>
  [...answers.alerts.values()].filter(({ started_at }) => began === null || started_at >= began - APART_MS)

/** The alert that asked, or an alert that a person's question came after. */
function detections({ request }: SessionFacts, facts: Facts, began: number | null): Known[] {
  const asked = { at: request.occurred_at, basis: texts.asked(request.kind), source: event(request.event_id) }
  if (request.kind !== 'question') return [asked]
  const alerts = alertsSince(facts, began).filter(
    ({ started_at, service_name }) =>
      started_at <= request.occurred_at && (request.service === null || service_name === request.service),
  )
  return [asked, ...alerts.map(({ id, started_at }) => ({ at: started_at, basis: texts.alerted, source: { kind: 'alert' as const, id } }))] // prettier-ignore
}

const helpedIn = ({ approvals }: Pick<SessionFacts, 'approvals'>): Known[] =>
  approvals.flatMap(({ acted }) =>
    acted?.effect === 'helped' && acted.finished_at !== null
      ? [{ at: acted.finished_at, basis: texts.helped, source: event(acted.event_id) }]
      : [],
  )

function recoveredIn({ result }: SessionFacts): Known[] {
  const [first] = result?.verdict === 'incident' ? result.root_causes : []
  return result === null || result.phase !== 'over' || first === undefined || first.until === null
    ? []
    : [{ at: first.until, basis: texts.recovered, source: event(result.event_id) }]
}

/** Null: there is none. */
export const causeKey = (result: DiagnosisCompleted | null): string | null => {
  const [first] = result?.root_causes ?? []
  return first === undefined ? null : JSON.stringify([first.service, first.change_id])
}

/** Incidents of another cause than those that ended: nothing is known to have ended them. */
function goingOn({ sessions, incidents }: Facts): string[] {
  const found = sessions.filter(({ result }) => result?.verdict === 'incident')
  const ended = found.filter((one) => helpedIn(one).length > 0 || recoveredIn(one).length > 0)
  const causes = new Set(ended.flatMap(({ result }) => causeKey(result) ?? []))
  const over = new Set([
    ...incidents.filter(({ ended_at }) => ended_at !== undefined).map(({ id }) => id),
    ...[...ended, ...found.filter(({ result }) => causes.has(causeKey(result) ?? ''))].flatMap(({ request }) => request.incident_ids), // prettier-ignore
  ])
  return found.flatMap(({ request }) => request.incident_ids).filter((id) => !over.has(id))
}

/** The end of the last action that helped; without one, the recovery that a diagnosis saw. Of several incidents, all have to be over. */
function mitigationOf(facts: Facts): Moment {
  if (goingOn(facts).length > 0) return unknown(texts.notAllMitigated)
  const helped = facts.sessions.flatMap(helpedIn)
  if (helped.length > 0) return latest(helped, texts.notMitigated)
  return latest(facts.sessions.flatMap(recoveredIn), texts.notMitigated)
}

/** Resolved only when all of its incidents are. */
function resolutionOf({ incidents, incidentIds }: Facts): Moment {
  if (incidentIds.length === 0) return unknown(texts.noIncident)
  const ended = incidents.flatMap(({ ended_at, id }) =>
    ended_at === undefined ? [] : [{ at: ended_at, basis: texts.resolved, source: { kind: 'incident' as const, id } }],
  )
  return ended.length < incidentIds.length ? unknown(texts.notResolved) : latest(ended, texts.notResolved)
}

const INTERVALS = [
  ['TTD', 'began', 'detected'],
  ['TTA', 'detected', 'acknowledged'],
  ['TTM', 'began', 'mitigated'],
  ['TTR', 'began', 'resolved'],
] as const

export function intervalsOf(times: Times): Interval[] {
  return INTERVALS.map(([name, from, to]) => {
    const [start, end] = [times[from], times[to]]
    const ms = start.at === null || end.at === null ? null : end.at - start.at
    if (ms === null || ms < 0) return { name, from, to, ms: null, precision: 'unknown' }
    const precision = start.precision === 'exact' && end.precision === 'exact' ? 'exact' : 'at_latest'
    return { name, from, to, ms, precision }
  })
}

const LONGEST_MS = 30 * 86_400_000

/** Pairs of which the second cannot come before the first. A recovery may come before a diagnosis, a decision or an action. */
const ORDERED: readonly (readonly [keyof Times, keyof Times])[] = [
  ...(['detected', 'diagnosed', 'decided', 'acted', 'mitigated', 'resolved'] as const).map(
    (name) => ['began', name] as const,
  ),
  ['detected', 'diagnosed'],
  ['decided', 'acted'],
]

/** Times that cannot all be true, and a window that nobody would call one incident. */
export function contradictionsOf(times: Times): Statement[] {
  const backwards = ORDERED.flatMap(([first, then]) => {
    const [earlier, later] = [times[first], times[then]]
    if (earlier.at === null || later.at === null || later.at >= earlier.at) return []
    const text = texts.backwards(texts.names[then], utc(later.at), texts.names[first], utc(earlier.at))
    return [{ code: 'contradictory_times', text, sources: [...earlier.sources, ...later.sources] }]
  })
  const given = Object.values(times).filter((one) => one.at !== null)
  const [first] = given.toSorted((one, other) => one.at! - other.at!)
  const [last] = given.toSorted((one, other) => other.at! - one.at!)
  const lasted = first === undefined || last === undefined ? 0 : last.at! - first.at!
  if (lasted <= LONGEST_MS) return backwards
  return [
    ...backwards,
    { code: 'endless', text: texts.endless(span(lasted)), sources: [...first!.sources, ...last!.sources] },
  ]
}
