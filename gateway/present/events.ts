/** Converts a stored event to server-sent events: none, one, or several. */
import type { ApprovalEvent, DiagnosticResult, Finding, ProgressEvent, ToolCallEvent } from '../api.generated.ts'
import type { Events } from '../../schemas/events.generated.ts'
import { inLanguage, timeOf } from './language.ts'
import type { Language } from './language.ts'
import { actionReason, closingReason } from './reasons.ts'
import { personIn } from './person.ts'
import { deciding } from './texts.ts'
import { presentFinding, presentResult } from './result.ts'
import { clauses, readable } from './words.ts'

export type SessionEvent =
  | { name: 'progress'; data: ProgressEvent }
  | { name: 'tool_call'; data: ToolCallEvent }
  | { name: 'finding'; data: Finding }
  | { name: 'approval'; data: ApprovalEvent }
  | { name: 'final_result'; data: DiagnosticResult }

type Present = { [E in keyof Events]?: (body: Events[E], language: Language) => SessionEvent[] }

const present: Present = {
  DiagnosisProgressed: (body, language) => [
    {
      name: 'progress',
      data: {
        agent: body.agent,
        step: body.step,
        progress: body.progress,
        message: inLanguage(body.message, language),
        occurred_at: timeOf(body.occurred_at),
      },
    },
    ...body.findings.map((finding) => ({ name: 'finding' as const, data: presentFinding(finding, language) })),
  ],
  EvidenceRecorded: (body) => {
    const { evidence_id, tool, operation, status, query, summary, error, duration_ms } = body
    const call = { evidence_id, tool, operation, status, query, summary, error, duration_ms }
    return [{ name: 'tool_call', data: { ...call, occurred_at: timeOf(body.occurred_at) } }]
  },
  DiagnosisCompleted: (body, language) => [{ name: 'final_result', data: presentResult(body, language) }],
  ActionDeclined: (body, language) => approval(body, { state: 'declined', message: inLanguage(body.reason, language) }),
  ApprovalRequested: (body, language) =>
    approval(body, { state: 'requested', message: inLanguage(body.title, language) }),
  ApprovalCounted: (body, language) =>
    approval(body, { state: 'counted', message: deciding.oneMore(personIn(body.approved_by))[language] }),
  ApprovalClosed: (body, language) =>
    approval(body, { state: 'closed', outcome: body.outcome, message: closingReason(body, language) ?? body.code }),
  ActionCompleted: (body, language) =>
    approval(body, {
      state: 'acted',
      outcome: body.outcome,
      effect: body.effect,
      message:
        actionReason(body, language) ??
        body.output ??
        clauses(language, [readable(language, body.outcome), readable(language, body.effect)]),
    }),
}

const approval = (
  body: { approval_id: string; occurred_at: number },
  data: Omit<ApprovalEvent, 'approval_id' | 'occurred_at'>,
): SessionEvent[] => [
  { name: 'approval', data: { ...data, approval_id: body.approval_id, occurred_at: timeOf(body.occurred_at) } },
]

/** Presents a stored event; events that are not streamed give none. */
export const presentEvent = (event: string, body: unknown, language: Language): SessionEvent[] =>
  (present[event as keyof Events] as ((body: unknown, language: Language) => SessionEvent[]) | undefined)?.(
    body,
    language,
  ) ?? []
