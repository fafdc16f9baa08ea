/** What a report is computed from: the events of the sessions, and what the control-plane knows. */
import type { Objective } from '../../analysis/observations.ts'
import type { Text } from '../../postmortem/report.ts'
import type {
  ActionCompleted,
  ApprovalClosed,
  ApprovalCounted,
  ApprovalRequested,
  DiagnosisCompleted,
  DiagnosisRequested,
  FeedbackRecorded,
} from '../../schemas/events.generated.ts'
import type { AuditLogItem, Incident } from '../tools/tools.ts'
import type { Answers } from './answers.ts'

export interface ApprovalFacts {
  requested: ApprovalRequested
  counted: readonly ApprovalCounted[]
  closed: ApprovalClosed | null
  acted: ActionCompleted | null
}

export interface SessionFacts {
  request: DiagnosisRequested
  /** the latest revision */
  result: DiagnosisCompleted | null
  /** in the order they were requested */
  approvals: readonly ApprovalFacts[]
  /** of each person the latest, the newest last */
  feedback: readonly FeedbackRecorded[]
}

export interface Facts {
  postmortemId: string
  /** ms since the epoch */
  writtenAt: number
  incidentIds: readonly string[]
  /** in the order they were requested; none: an incident that nobody diagnosed */
  sessions: readonly SessionFacts[]
  answers: Answers
  /** as the control-plane has them now */
  incidents: readonly Incident[]
  /** changes around the incident, from the control-plane; absent: it was not asked or did not answer */
  changes?: readonly AuditLogItem[]
  objectives: readonly Objective[]
  /** what could not be read */
  missing: readonly Text[]
}

/** Events that are kept whole. Evidence is added to `Answers` one by one. */
export type SessionEvent =
  | { event: 'DiagnosisRequested'; value: DiagnosisRequested }
  | { event: 'DiagnosisCompleted'; value: DiagnosisCompleted }
  | { event: 'ApprovalRequested'; value: ApprovalRequested }
  | { event: 'ApprovalCounted'; value: ApprovalCounted }
  | { event: 'ApprovalClosed'; value: ApprovalClosed }
  | { event: 'ActionCompleted'; value: ActionCompleted }
  | { event: 'FeedbackRecorded'; value: FeedbackRecorded }

/** Independent of the order of the events, and of repeats. A session whose request has not arrived is left out. */
export function sessionsOf(events: readonly SessionEvent[]): SessionFacts[] {
  const of = <E extends SessionEvent['event']>(name: E) =>
    [
      ...new Map(events.filter(({ event }) => event === name).map(({ value }) => [value.event_id, value])).values(),
    ].sort((one, other) => one.occurred_at - other.occurred_at) as Extract<SessionEvent, { event: E }>['value'][]
  const results = Map.groupBy(of('DiagnosisCompleted'), ({ session_id }) => session_id)
  const approvals = Map.groupBy(of('ApprovalRequested'), ({ session_id }) => session_id)
  const counted = Map.groupBy(of('ApprovalCounted'), ({ approval_id }) => approval_id)
  const feedback = Map.groupBy(of('FeedbackRecorded'), ({ session_id }) => session_id)
  const closed = firstBy(of('ApprovalClosed'))
  const acted = firstBy(of('ActionCompleted'))
  const told = new Set(of('ApprovalRequested').map(({ approval_id }) => approval_id))
  // an approval that joined one of another session ends as that one does
  const endOf = (id: string): Pick<ApprovalFacts, 'counted' | 'closed' | 'acted'> => {
    const own = closed.get(id) ?? null
    const other = own?.joined_approval ?? null
    const ending = other === null || told.has(other) || !closed.has(other) ? id : other
    return { counted: counted.get(ending) ?? [], closed: closed.get(ending) ?? null, acted: acted.get(ending) ?? null }
  }
  const requests = [...Map.groupBy(of('DiagnosisRequested'), ({ session_id }) => session_id).values()]
  return requests.flatMap(([request]) => {
    if (request === undefined) return []
    const [result = null] = (results.get(request.session_id) ?? []).toSorted(
      (one, other) => other.revision - one.revision || other.occurred_at - one.occurred_at,
    )
    const own = [...new Map((approvals.get(request.session_id) ?? []).map((one) => [one.approval_id, one])).values()]
    return [
      {
        request,
        result,
        approvals: own.map((requested) => ({ requested, ...endOf(requested.approval_id) })),
        feedback: latestFeedback(feedback.get(request.session_id) ?? []),
      },
    ]
  })
}

const firstBy = <E extends { approval_id: string }>(events: readonly E[]): Map<string, E> =>
  new Map(events.toReversed().map((one) => [one.approval_id, one]))

/** Of each person the latest, the newest last. */
function latestFeedback(told: readonly FeedbackRecorded[]): FeedbackRecorded[] {
  const inOrder = told.toSorted((one, other) => one.occurred_at - other.occurred_at || (one.event_id < other.event_id ? -1 : 1)) // prettier-ignore
  return [...new Map(inOrder.map((one) => [one.recorded_by, one])).values()].sort((one, other) => inOrder.indexOf(one) - inOrder.indexOf(other)) // prettier-ignore
}
