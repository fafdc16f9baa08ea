/** What went well, what went badly and where luck was: rules, each with the fact that it rests on. */
import type { Report, Source, Statement, Text, Times } from '../../postmortem/report.ts'
import { percent, span } from '../../postmortem/words.ts'
import type { Facts } from './facts.ts'
import { sourceOf, standingResults, wrongIn } from './feedback.ts'
import { feedback as judged } from './feedback-texts.ts'
import { lessons as texts } from './lesson-texts.ts'
import { alertsSince, approvalsOf } from './times.ts'

export interface Lessons {
  well: Statement[]
  badly: Statement[]
  luck: Statement[]
}

interface Noticed {
  facts: Facts
  times: Times
  impact: Report['impact']
  /** services of the incident */
  involved: readonly string[]
}

const MINUTE_MS = 60_000
/** Limits that on-call teams commonly set themselves. */
const LATE_MS = 5 * MINUTE_MS
const SOON_MS = 2 * MINUTE_MS
const WAITED_MS = 5 * MINUTE_MS
const SURE = 0.8
const FEW_ERRORS = 0.01
/** Statements of one rule. */
const MOST = 20

const event = (id: string): Source => ({ kind: 'event', id })

export function lessonsOf(noticed: Noticed): Lessons {
  return {
    well: [
      ...detectedSoon(noticed),
      ...diagnosedSoon(noticed),
      ...helpedAtOnce(noticed),
      ...sure(noticed),
      ...confirmed(noticed),
    ],
    badly: [
      ...detectedLate(noticed),
      ...noAlert(noticed),
      ...waited(noticed).slice(0, MOST),
      ...useless(noticed).slice(0, MOST),
      ...undecided(noticed).slice(0, MOST),
      ...misled(noticed).slice(0, MOST),
      ...sourcesDown(noticed).slice(0, MOST),
      ...before(noticed),
      ...notFound(noticed),
    ],
    luck: [...recoveredAlone(noticed), ...fewErrors(noticed)],
  }
}

const between = (from: Times[keyof Times], to: Times[keyof Times]): number | null =>
  from.at === null || to.at === null || to.at < from.at ? null : to.at - from.at

const ofTimes = (code: string, text: Text, moments: readonly Times[keyof Times][]): Statement => ({
  code,
  text,
  sources: moments.flatMap(({ sources }) => sources),
})

function detectedSoon({ times: { began, detected } }: Noticed): Statement[] {
  const ms = between(began, detected)
  return ms === null || ms > SOON_MS ? [] : [ofTimes('detected_soon', texts.detectedSoon(span(ms)), [began, detected])]
}

function detectedLate({ times: { began, detected } }: Noticed): Statement[] {
  const ms = between(began, detected)
  return ms === null || ms <= LATE_MS ? [] : [ofTimes('detected_late', texts.detectedLate(span(ms)), [began, detected])]
}

/** Not of a wrong diagnosis. */
function diagnosedSoon({ facts, times: { detected, diagnosed } }: Noticed): Statement[] {
  const stands = standingResults(facts).some(({ event_id }) => diagnosed.sources.some(({ id }) => id === event_id))
  const ms = stands ? between(detected, diagnosed) : null
  return ms === null || ms > SOON_MS
    ? []
    : [ofTimes('diagnosed_soon', texts.diagnosedSoon(span(ms)), [detected, diagnosed])]
}

/** Asked by a person while no alert on these services fired. */
function noAlert({ facts, times: { began }, involved }: Noticed): Statement[] {
  const { sessions } = facts
  const byAlert = sessions.some(({ request: { kind } }) => kind === 'alert' || kind === 'deployment')
  const [first] = sessions
  const fired = alertsSince(facts, began.at).some(({ service_name }) => involved.includes(service_name))
  return byAlert || fired || first === undefined || began.at === null
    ? []
    : [{ code: 'no_alert', text: texts.noAlert, sources: [event(first.request.event_id)] }]
}

function helpedAtOnce({ facts }: Noticed): Statement[] {
  const ran = approvalsOf(facts).flatMap(({ acted }) => (acted?.outcome === 'succeeded' ? [acted] : []))
  const [first] = ran.toSorted((one, other) => one.occurred_at - other.occurred_at)
  return first?.effect === 'helped'
    ? [{ code: 'helped_at_once', text: texts.helpedAtOnce, sources: [event(first.event_id)] }]
    : []
}

function sure({ facts }: Noticed): Statement[] {
  const [found] = standingResults(facts).filter(({ confidence }) => confidence >= SURE)
  return found === undefined
    ? []
    : [{ code: 'clear_diagnosis', text: texts.sure(percent(found.confidence)), sources: [event(found.event_id)] }]
}

/** By the latest feedback on one of the sessions. */
function confirmed({ facts: { sessions } }: Noticed): Statement[] {
  const right = sessions.flatMap(({ feedback }) => (feedback.at(-1)?.verdict === 'right' ? [sourceOf(feedback.at(-1)!)] : [])) // prettier-ignore
  return right.length === 0 ? [] : [{ code: 'diagnosis_confirmed', text: judged.confirmed, sources: right.slice(0, MOST) }] // prettier-ignore
}

const misled = ({ facts }: Noticed): Statement[] =>
  wrongIn(facts).flatMap(
    ({ result: { root_causes: [first], event_id }, feedback }) =>
    first === undefined
      ? []
      : [{ code: 'diagnosis_wrong', text: judged.misled(first.service), sources: [sourceOf(feedback), event(event_id)] }], // prettier-ignore
  )

function waited({ facts }: Noticed): Statement[] {
  return approvalsOf(facts).flatMap(({ requested, closed }) => {
    const ms = closed?.code === 'decided' ? closed.occurred_at - requested.occurred_at : null
    return ms === null || ms <= WAITED_MS
      ? []
      : [{ code: 'approval_waited', text: texts.waited(span(ms)), sources: [event(requested.event_id), event(closed!.event_id)] }] // prettier-ignore
  })
}

function useless({ facts }: Noticed): Statement[] {
  return approvalsOf(facts).flatMap(({ acted }) => {
    if (acted === null) return []
    const says = (code: string, text: Text) => [{ code, text, sources: [event(acted.event_id)] }]
    if (acted.outcome === 'failed' || acted.outcome === 'unknown')
      return says('action_failed', texts.failed(acted.outcome))
    if (acted.effect === 'worse') return says('action_worse', texts.worse)
    return acted.effect === 'no_change' ? says('action_no_change', texts.noChange) : []
  })
}

function undecided({ facts }: Noticed): Statement[] {
  return approvalsOf(facts).flatMap(({ requested, closed }) =>
    closed?.outcome === 'expired' || closed?.outcome === 'refused'
      ? [{ code: `approval_${closed.outcome}`, text: texts.undecided(closed.outcome), sources: [event(requested.event_id), event(closed.event_id)] }] // prettier-ignore
      : [],
  )
}

const sourcesDown = ({ facts: { answers } }: Noticed): Statement[] =>
  answers.failed.map(({ tool, sources }) => ({ code: 'source_down', text: texts.sourceDown(tool, sources.length), sources: sources.slice(0, 20) })) // prettier-ignore

function before({ facts: { answers, incidentIds }, times: { began }, involved }: Noticed): Statement[] {
  const earlier = [...answers.earlier.values()].filter(
    ({ id, service_name, started_at }) =>
      !incidentIds.includes(id) && involved.includes(service_name) && began.at !== null && started_at < began.at,
  )
  return earlier.length === 0
    ? []
    : [{ code: 'similar_before', text: texts.before(earlier.length), sources: earlier.slice(0, 20).map(({ id }) => ({ kind: 'incident', id })) }] // prettier-ignore
}

/** Requests failed, and no diagnosis found out why. */
function notFound({ facts: { sessions } }: Noticed): Statement[] {
  const results = sessions.flatMap(({ result }) => (result === null ? [] : [result]))
  const last = results.at(-1)
  return last === undefined || results.some(({ verdict }) => verdict !== 'inconclusive' && verdict !== null)
    ? []
    : [
        {
          code: 'not_found',
          text: texts.notFound,
          sources: results.slice(0, MOST).map(({ event_id }) => event(event_id)),
        },
      ]
}

/** It ended before anybody acted. */
function recoveredAlone({ facts, times: { mitigated, acted } }: Noticed): Statement[] {
  const helped = approvalsOf(facts).some(({ acted: one }) => one?.effect === 'helped')
  return mitigated.at === null || helped || (acted.at !== null && acted.at <= mitigated.at)
    ? []
    : [ofTimes('recovered_alone', texts.recoveredAlone, [mitigated])]
}

function fewErrors({ impact: { entry, services } }: Noticed): Statement[] {
  const one = services.find(({ service }) => service === entry)
  const { peak } = one?.error_ratio ?? { peak: null }
  return one === undefined || peak === null || peak.value >= FEW_ERRORS || one.latency === null
    ? []
    : [{ code: 'few_errors', text: texts.fewErrors(one.service, percent(peak.value)), sources: one.sources }]
}
