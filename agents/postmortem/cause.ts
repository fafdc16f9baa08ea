/** The cause as the diagnosis found it, the path from the trigger to the symptom, what was ruled out, and what is open. Draws no conclusions of its own. */
import type { Report, Source, Statement } from '../../postmortem/report.ts'
import { percent } from '../../postmortem/words.ts'
import type { DiagnosisCompleted, RootCause } from '../../schemas/events.generated.ts'
import type { Facts } from './facts.ts'
import { namedBy, openBy, ruledOutBy, standingResults } from './feedback.ts'
import type { Speech } from './speech.ts'
import { openChanges, probabilityOf } from './suspected-changes.ts'
import { cause as texts } from './texts.ts'
import { approvalsOf, causeKey } from './times.ts'
import { changesOf } from './timeline.ts'

type Cause = Report['cause']

const event = (id: string): Source => ({ kind: 'event', id })
const cited = (result: DiagnosisCompleted, ids: readonly string[]): Source[] => [
  event(result.event_id),
  ...ids.slice(0, MOST_SOURCES).map((id): Source => ({ kind: 'evidence', id })),
]
const MOST_SOURCES = 50

/** The diagnosis that the report follows: the most confident one that found an incident and was not wrong, the earliest of equals. */
export const leading = (facts: Facts): DiagnosisCompleted | null =>
  standingResults(facts).toSorted(
    (one, other) => other.confidence - one.confidence || one.occurred_at - other.occurred_at,
  )[0] ?? null

const MOST = 20

export function causeOf(facts: Facts, speech: Speech): Cause {
  const result = leading(facts)
  if (result === null)
    return {
      ...{ first: null, chain: [], contributing: namedBy(facts, speech), ruled_out: ruledOutBy(facts) },
      open: openOf(facts, null, speech),
    }
  const [first, ...others] = result.root_causes
  return {
    first:
      first === undefined
        ? null
        : {
            service: first.service,
            indicator: first.indicator,
            change_id: first.change_id,
            text: speech.told(first.explanation),
            probability: result.confidence,
            sources: cited(result, first.evidence),
          },
    chain: first === undefined ? [] : chainOf(facts, result, first, speech),
    contributing: [
      ...others
        .filter(({ separate, evidence, score }) => !separate && evidence.length > 0 && score > 0)
        .slice(0, MOST)
        .map((one): Statement => ({
          code: 'candidate',
          text: texts.candidate(one.service, speech.told(one.explanation), percent(one.score)),
          sources: cited(result, one.evidence),
        })),
      ...otherCauses(facts, result),
      ...namedBy(facts, speech),
    ],
    ruled_out: [
      ...result.ruled_out.slice(0, MOST).map((one): Statement => ({
        code: 'ruled_out',
        text: texts.ruledOut(speech.quoted(one.service ?? one.change_id ?? '?'), speech.told(one.reason)),
        sources: [event(result.event_id)],
      })),
      ...ruledOutBy(facts),
    ],
    open: openOf(facts, result, speech),
  }
}

/** Whether several diagnoses blame the same cause. */
function otherCauses(facts: Facts, followed: DiagnosisCompleted): Statement[] {
  const results = standingResults(facts)
  if (results.length < 2) return []
  const key = causeKey(followed)
  const differing = results.filter((one) => causeKey(one) !== key)
  const sources = results.slice(0, MOST_SOURCES).map(({ event_id }) => event(event_id))
  if (differing.length === 0) return [{ code: 'common_cause', text: texts.common(results.length), sources }]
  const services = differing.flatMap(({ root_causes: [first] }) => first?.service ?? [])
  return [{ code: 'different_causes', text: texts.different([...new Set(services)]), sources }]
}

/** The change, the service it changed, and each caller up to the service where it was noticed. */
function chainOf(facts: Facts, result: DiagnosisCompleted, first: RootCause, speech: Speech): Statement[] {
  const change = changesOf(facts).find(({ id }) => id === first.change_id)
  const trigger: Statement[] =
    first.change_id === null
      ? []
      : [
          {
            code: 'trigger',
            text: texts.change(
              first.service,
              change === undefined ? null : speech.quoted(change.summary),
              probabilityOf(first.change_id, result),
            ),
            sources: [{ kind: 'change', id: first.change_id }, event(result.event_id)],
          },
        ]
  const started: Statement = { code: 'first_moved', text: texts.moved(first.service, first.indicator, first.since), sources: cited(result, first.evidence) } // prettier-ignore
  const noticed = facts.sessions.find(({ result: one }) => one?.event_id === result.event_id)?.request.service ?? null
  const way = noticed === null ? null : wayUp(facts.answers.calls, noticed, first.service)
  const callers = (way ?? []).slice(1).map((caller, place): Statement => ({
    code: 'caller',
    text: texts.calls(caller, way![place]!),
    sources: [...facts.answers.callSources].slice(0, 1),
  }))
  return [...trigger, started, ...callers.filter(({ sources }) => sources.length > 0)]
}

/** From the cause up to the service that noticed: the shortest path along the calls; null: none is known. */
export function wayUp(calls: ReadonlyMap<string, readonly string[]>, from: string, cause: string): string[] | null {
  const before = new Map<string, string | null>([[from, null]])
  for (const [service] of before) {
    if (service === cause) {
      const way: string[] = []
      for (let at: string | null = service; at !== null; at = before.get(at) ?? null) way.push(at)
      return way
    }
    for (const called of calls.get(service) ?? []) if (!before.has(called)) before.set(called, service)
  }
  return null
}

const SURE = 0.5

function openOf(facts: Facts, result: DiagnosisCompleted | null, speech: Speech): Statement[] {
  const undiagnosed = facts.sessions.flatMap(({ request, result: one }): Statement[] => {
    if (one === null) return [{ code: 'not_diagnosed', text: texts.running, sources: [event(request.event_id)] }]
    return one.verdict === 'incident'
      ? []
      : [
          {
            code: `verdict_${one.verdict ?? one.status}`,
            text: texts.noCause(one.verdict, one.status),
            sources: [event(one.event_id)],
          },
        ]
  })
  const nobody: Statement[] =
    facts.sessions.length > 0
      ? []
      : facts.incidentIds
          .slice(0, 1)
          .map((id) => ({ code: 'nobody_asked', text: texts.nobodyAsked, sources: [{ kind: 'incident', id }] }))
  const judged = openBy(facts, speech).slice(0, MOST)
  if (result === null) return [...nobody, ...undiagnosed.slice(0, MOST), ...judged]
  const sources = [event(result.event_id)]
  const useless = approvalsOf(facts).flatMap(({ acted }): Statement[] =>
    acted?.outcome === 'succeeded' && (acted.effect === 'no_change' || acted.effect === 'worse')
      ? [
          {
            code: 'action_did_not_help',
            text: texts.didNotHelp(acted.action.service),
            sources: [event(acted.event_id)],
          },
        ]
      : [],
  )
  return [
    ...undiagnosed.slice(0, MOST),
    ...judged,
    ...(result.confidence < SURE
      ? [{ code: 'not_sure', text: texts.notSure(percent(result.confidence)), sources }]
      : []),
    ...openChanges(result, event(result.event_id), speech),
    ...useless.slice(0, MOST),
    ...result.missing.slice(0, MOST).map((one) => ({ code: 'not_known_then', text: speech.told(one), sources })),
  ]
}
