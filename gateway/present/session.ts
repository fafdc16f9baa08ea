import type { DiagnosticStatus, SessionSummary } from '../api.generated.ts'
import type { FeedbackRecorded } from '../../schemas/events.generated.ts'
import type { SessionRow } from '../views/sessions.ts'
import { presentFeedback } from './feedback.ts'
import { inLanguage, timeOf } from './language.ts'
import type { Language } from './language.ts'
import { presentResult } from './result.ts'
import { endingCode, endingReason } from './reasons.ts'

/** `feedback`: the latest of each person, newest first. */
export const presentStatus = (
  row: SessionRow,
  language: Language,
  feedback: readonly FeedbackRecorded[] = [],
): DiagnosticStatus => ({
  session_id: row.session_id,
  status: row.status,
  progress: row.result === null ? row.progress : 100,
  current_step: row.step,
  message: row.message === null ? null : inLanguage(row.message, language),
  requested_at: timeOf(Number(row.requested_at)),
  service: row.service,
  kind: row.kind,
  approvals: row.approvals,
  result: row.result === null ? null : presentResult(row.result, language),
  error: row.result === null ? null : endingReason(row.result.reason, language),
  error_code: row.result === null ? null : endingCode(row.result.reason),
  feedback: feedback.map(presentFeedback),
})

export const presentSummary = (row: SessionRow, language: Language): SessionSummary => ({
  session_id: row.session_id,
  kind: row.kind,
  service: row.service,
  status: row.status,
  progress: row.result === null ? row.progress : 100,
  requested_at: timeOf(Number(row.requested_at)),
  requested_by: row.requested_by,
  verdict: row.result?.verdict ?? null,
  summary: row.result === null ? null : inLanguage(row.result.summary, language),
})
